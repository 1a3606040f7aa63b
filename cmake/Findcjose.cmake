# Finds cjose (JSON Web Tokens), which Debian ships without a CMake package: cjose::cjose.
include(FindPackageHandleStandardArgs)

find_path(cjose_INCLUDE_DIR cjose/cjose.h)
find_library(cjose_LIBRARY cjose)
find_package_handle_standard_args(cjose REQUIRED_VARS cjose_INCLUDE_DIR cjose_LIBRARY)

if(cjose_FOUND AND NOT TARGET cjose::cjose)
  add_library(cjose::cjose UNKNOWN IMPORTED)
  set_target_properties(cjose::cjose PROPERTIES IMPORTED_LOCATION ${cjose_LIBRARY}
                                                INTERFACE_INCLUDE_DIRECTORIES ${cjose_INCLUDE_DIR})
endif()
