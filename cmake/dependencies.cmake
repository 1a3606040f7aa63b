# What the libraries stand on, one for each line: the arguments of find_package. Read by the project and by
# the package that it installs.
set(dcrf_dependencies
    "Threads"
    "Boost 1.81 CONFIG COMPONENTS url"
    "nlohmann_json 3.11"
    "simdjson"
    "fmt 9"
    "SOCI 4 COMPONENTS sqlite3"
    "LibPQ"
    # Its node links are those of 0.17: later versions have another protocol and other classes for it.
    "CAF 0.17...<0.18 COMPONENTS core io"
    "OpenSSL 3"
    "cjose"
    "spdlog 1.10"
    "sodium"
    "unistring")
