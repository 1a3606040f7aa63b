// expect: which takes the close code
#include <dcrf/consumer/consumer.hpp>

class lobby : public dcrf::api_consumer<lobby> {
public:
  dcrf::task<> disconnected() { return {}; }
};

const auto& checked = lobby::describe();
