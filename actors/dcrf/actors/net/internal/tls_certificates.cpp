#include "dcrf/actors/net/internal/tls_certificates.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

namespace dcrf::internal {

namespace {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* x) const noexcept {
    Free(x);
  }
};
using context_ptr = std::unique_ptr<SSL_CTX, freed<SSL_CTX_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, freed<BIO_free>>;
using file_ptr = std::unique_ptr<std::FILE, freed<std::fclose>>;

// Of TLS 1.2: those with forward secrecy that authenticate what they encrypt. All of 1.3 are so.
constexpr auto ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                         "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                         "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// HTTP and WebSocket say themselves where their messages end, so an end of the stream without TLS's
// own is an end, too. What a client renegotiates again and again costs only the server.
constexpr auto options =
    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF;

// An idle connection holds no buffers; how much of a write has left, its caller keeps track of.
constexpr auto modes =
    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;

// In the form of ALPN: the length first.
constexpr std::string_view own_protocol = "\x08http/1.1";

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  auto* result = const_cast<unsigned char*>(*chosen); // OpenSSL's own function wants it so
  auto found = SSL_select_next_proto(
      &result, size, reinterpret_cast<const unsigned char*>(own_protocol.data()),
      static_cast<unsigned>(own_protocol.size()), offered, offered_size);
  *chosen = result;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

context_ptr new_context() {
  context_ptr result{SSL_CTX_new(TLS_server_method())};
  auto* x = result.get();
  if (x == nullptr || SSL_CTX_set_min_proto_version(x, TLS1_2_VERSION) != 1
      || SSL_CTX_set_cipher_list(x, ciphers) != 1) {
    return nullptr;
  }
  SSL_CTX_set_options(x, options);
  SSL_CTX_set_mode(x, modes);
  SSL_CTX_set_read_ahead(x, 1);
  // Clients keep their sessions in tickets.
  SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(x, choose_protocol, nullptr);
  return result;
}

std::string reason() {
  auto error = ERR_peek_error();
  const auto* text = error == 0 ? nullptr : ERR_reason_error_string(error);
  ERR_clear_error();
  return text == nullptr ? "it is malformed" : text;
}

std::string cannot_be_read(const std::string& file) {
  file_ptr opened{std::fopen(file.c_str(), "re")};
  if (!opened || (std::fgetc(opened.get()) == EOF && std::ferror(opened.get()) != 0)) {
    return fmt::format("{} can't be read: {}", file, std::system_category().message(errno));
  }
  return {};
}

std::string date_of(const ASN1_TIME* time) {
  std::tm utc{};
  ASN1_TIME_to_tm(time, &utc);
  return fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02} UTC", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string use_certificate(SSL_CTX* context, const std::string& file) {
  if (auto problem = cannot_be_read(file); !problem.empty()) {
    return problem;
  }
  if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) != 1) {
    return fmt::format("{} holds no certificate: {}", file, reason());
  }
  const auto* leaf = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
    return fmt::format("the certificate in {} has expired, on {}", file,
                       date_of(X509_get0_notAfter(leaf)));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0) {
    return fmt::format("the certificate in {} is not valid before {}", file,
                       date_of(X509_get0_notBefore(leaf)));
  }
  return {};
}

// OpenSSL's own would ask on the terminal.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string use_key(SSL_CTX* context, const certificate_files& files) {
  if (auto problem = cannot_be_read(files.key); !problem.empty()) {
    return problem;
  }
  bool is_encrypted = false;
  bio_ptr file{BIO_new_file(files.key.c_str(), "r")};
  key_ptr key{file ? PEM_read_bio_PrivateKey(file.get(), nullptr, no_password, &is_encrypted)
                   : nullptr};
  if (!key) {
    auto why = reason();
    return is_encrypted
               ? fmt::format("the private key in {} is encrypted, and nobody can be asked for its "
                             "password",
                             files.key)
               : fmt::format("{} holds no private key: {}", files.key, why);
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return fmt::format("the key in {} is not that of the certificate in {}", files.key,
                       files.certificate);
  }
  return {};
}

} // namespace

// -- tls_certificates -----------------------------------------------------------------------------

std::shared_ptr<const tls_certificates>
tls_certificates::read(const std::vector<certificate_files>& files, std::string& problem) {
  std::shared_ptr<tls_certificates> result{new tls_certificates};
  for (const auto& x : files) {
    ERR_clear_error();
    problem = result->add(x);
    if (!problem.empty()) {
      return nullptr;
    }
  }
  auto* first = result->contexts_.at(0);
  SSL_CTX_set_tlsext_servername_callback(first, choose);
  SSL_CTX_set_tlsext_servername_arg(first, result.get());
  return result;
}

std::string tls_certificates::add(const certificate_files& files) {
  auto context = new_context();
  if (!context) {
    return fmt::format("OpenSSL can't be set up: {}", reason());
  }
  auto problem = use_certificate(context.get(), files.certificate);
  if (problem.empty()) {
    problem = use_key(context.get(), files);
  }
  if (problem.empty()) {
    contexts_.push_back(context.release());
  }
  return problem;
}

tls_certificates::~tls_certificates() {
  for (auto* x : contexts_) {
    SSL_CTX_free(x);
  }
}

SSL* tls_certificates::new_session() const { return SSL_new(contexts_.front()); }

int tls_certificates::choose(SSL* session, int*, void* self) {
  const auto* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  const auto& all = static_cast<const tls_certificates*>(self)->contexts_;
  auto found = std::ranges::find_if(all, [name](SSL_CTX* x) {
    return X509_check_host(SSL_CTX_get0_certificate(x), name, 0, 0, nullptr) == 1;
  });
  if (found != all.end()) {
    SSL_set_SSL_CTX(session, *found);
  }
  return SSL_TLSEXT_ERR_OK;
}

// -- tls_credentials ------------------------------------------------------------------------------

std::string tls_credentials::read() {
  std::string problem;
  if (auto made = tls_certificates::read(files_, problem)) {
    std::lock_guard guard{mutex_};
    current_ = std::move(made);
  }
  return problem;
}

std::shared_ptr<const tls_certificates> tls_credentials::current() const {
  std::lock_guard guard{mutex_};
  return current_;
}

} // namespace dcrf::internal
