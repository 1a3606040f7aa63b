# Finds PostgreSQL's client library, LibPQ::LibPQ. CMake's own module wants the headers of the server, too.
include(FindPackageHandleStandardArgs)

find_path(LibPQ_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql)
find_library(LibPQ_LIBRARY pq)
find_package_handle_standard_args(LibPQ REQUIRED_VARS LibPQ_INCLUDE_DIR LibPQ_LIBRARY)

if(LibPQ_FOUND AND NOT TARGET LibPQ::LibPQ)
  add_library(LibPQ::LibPQ UNKNOWN IMPORTED)
  set_target_properties(LibPQ::LibPQ PROPERTIES IMPORTED_LOCATION ${LibPQ_LIBRARY}
                                                INTERFACE_INCLUDE_DIRECTORIES "${LibPQ_INCLUDE_DIR}")
endif()
