#include "dcrf/actors/cluster/internal/relay.hpp"

#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace dcrf::cluster {

namespace net = boost::asio;

using error_code = boost::system::error_code;

int relay::start(tls_stream stream, std::shared_ptr<net::ssl::context> context) {
  auto made = std::make_shared<relay>(std::move(stream), std::move(context));
  local_socket other{made->near_.get_executor()};
  error_code ec;
  net::local::connect_pair(made->near_, other, ec);
  if (ec) {
    return -1;
  }
  made->carry(made->far_, made->near_, made->inwards_);
  made->carry(made->near_, made->far_, made->outwards_);
  return other.release();
}

relay::relay(tls_stream stream, std::shared_ptr<net::ssl::context> context)
    : context_(std::move(context)), far_(std::move(stream)), near_(far_.get_executor()) {}

template <class From, class To>
void relay::carry(From& from, To& to, buffer& bytes) {
  from.async_read_some(net::buffer(bytes), [self = shared_from_this(), &from, &to,
                                            &bytes](error_code ec, std::size_t size) {
    if (ec) {
      self->close();
      return;
    }
    net::async_write(to, net::buffer(bytes, size),
                     [self, &from, &to, &bytes](error_code failure, std::size_t) {
                       if (failure) {
                         self->close();
                       } else {
                         self->carry(from, to, bytes);
                       }
                     });
  });
}

void relay::close() {
  error_code ignored;
  far_.next_layer().close(ignored);
  near_.close(ignored);
}

} // namespace dcrf::cluster
