# Finds the C++ Actor Framework, which Debian ships without a CMake package: CAF::<component>.
include(FindPackageHandleStandardArgs)

find_path(CAF_INCLUDE_DIR caf/all.hpp)
set(_caf_required CAF_INCLUDE_DIR)
foreach(_component ${CAF_FIND_COMPONENTS})
  find_library(CAF_${_component}_LIBRARY caf_${_component})
  list(APPEND _caf_required CAF_${_component}_LIBRARY)
endforeach()
if(CAF_INCLUDE_DIR)
  # CAF_VERSION is 1706 for 0.17.6.
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp _caf_version REGEX "#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" _caf_version "${_caf_version}")
  math(EXPR _caf_major "${_caf_version} / 10000")
  math(EXPR _caf_minor "${_caf_version} / 100 % 100")
  math(EXPR _caf_patch "${_caf_version} % 100")
  set(CAF_VERSION ${_caf_major}.${_caf_minor}.${_caf_patch})
endif()
find_package_handle_standard_args(CAF REQUIRED_VARS ${_caf_required} VERSION_VAR CAF_VERSION HANDLE_VERSION_RANGE)

if(CAF_FOUND AND NOT TARGET CAF::core)
  foreach(_component ${CAF_FIND_COMPONENTS})
    add_library(CAF::${_component} UNKNOWN IMPORTED)
    set_target_properties(
      CAF::${_component} PROPERTIES IMPORTED_LOCATION ${CAF_${_component}_LIBRARY}
                                    INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR})
    if(NOT _component STREQUAL "core")
      target_link_libraries(CAF::${_component} INTERFACE CAF::core)
    endif()
  endforeach()
  target_link_libraries(CAF::core INTERFACE Threads::Threads)
endif()
