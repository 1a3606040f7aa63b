#pragma once

#include <dcrf/testing/test_server.hpp>

// Each page of the guide serves its consumers on a test server, where the messages that the page
// shows are exchanged.

namespace guide {

namespace models_and_queries {
void add_to(dcrf::test_server& server);
}
namespace serializers {
void add_to(dcrf::test_server& server);
}
namespace actions {
void add_to(dcrf::test_server& server);
}
namespace model_consumers {
void add_to(dcrf::test_server& server);
}
namespace pagination {
void add_to(dcrf::test_server& server);
}
namespace filtering {
void add_to(dcrf::test_server& server);
}
namespace permissions {
void add_to(dcrf::test_server& server);
}
namespace throttling {
void add_to(dcrf::test_server& server);
}
namespace observers {
void add_to(dcrf::test_server& server);
}
namespace multiplexing {
void add_to(dcrf::test_server& server);
}
namespace hypermedia {
void add_to(dcrf::test_server& server);
}

} // namespace guide
