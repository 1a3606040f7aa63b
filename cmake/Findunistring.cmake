# Finds libunistring, which Debian ships without a CMake package: unistring::unistring.
include(FindPackageHandleStandardArgs)

find_path(unistring_INCLUDE_DIR unicase.h)
find_library(unistring_LIBRARY unistring)
find_package_handle_standard_args(unistring REQUIRED_VARS unistring_INCLUDE_DIR unistring_LIBRARY)

if(unistring_FOUND AND NOT TARGET unistring::unistring)
  add_library(unistring::unistring UNKNOWN IMPORTED)
  set_target_properties(unistring::unistring PROPERTIES IMPORTED_LOCATION ${unistring_LIBRARY}
                                                  INTERFACE_INCLUDE_DIRECTORIES ${unistring_INCLUDE_DIR})
endif()
