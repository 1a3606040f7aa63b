# Finds SOCI, which Debian ships without a CMake package: SOCI::core and SOCI::<component>.
include(FindPackageHandleStandardArgs)

find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_core_LIBRARY soci_core)
find_package(SQLite3 QUIET)

set(_soci_required SOCI_INCLUDE_DIR SOCI_core_LIBRARY)
foreach(_component ${SOCI_FIND_COMPONENTS})
  find_library(SOCI_${_component}_LIBRARY soci_${_component})
  list(APPEND _soci_required SOCI_${_component}_LIBRARY)
endforeach()
if(SOCI_INCLUDE_DIR)
  # "4_0_3" for 4.0.3
  file(STRINGS ${SOCI_INCLUDE_DIR}/soci/version.h _soci_version REGEX "#define SOCI_LIB_VERSION ")
  string(REGEX MATCH "[0-9_]+\"" _soci_version "${_soci_version}")
  string(REGEX REPLACE "\"" "" _soci_version "${_soci_version}")
  string(REPLACE "_" "." SOCI_VERSION "${_soci_version}")
endif()
find_package_handle_standard_args(SOCI REQUIRED_VARS ${_soci_required} VERSION_VAR SOCI_VERSION)

if(SOCI_FOUND AND NOT TARGET SOCI::core)
  add_library(SOCI::core UNKNOWN IMPORTED)
  set_target_properties(
    SOCI::core PROPERTIES IMPORTED_LOCATION ${SOCI_core_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES
                                                                 "${SOCI_INCLUDE_DIR};${SOCI_INCLUDE_DIR}/soci")
  foreach(_component ${SOCI_FIND_COMPONENTS})
    add_library(SOCI::${_component} UNKNOWN IMPORTED)
    set_target_properties(SOCI::${_component} PROPERTIES IMPORTED_LOCATION
                                                         ${SOCI_${_component}_LIBRARY})
    target_link_libraries(SOCI::${_component} INTERFACE SOCI::core)
  endforeach()
  if(TARGET SOCI::sqlite3)
    target_link_libraries(SOCI::sqlite3 INTERFACE SQLite::SQLite3)
  endif()
endif()
