#include "dcrf/actors/cluster/internal/presence_exchange.hpp"

#include <utility>

namespace dcrf::cluster {

namespace {

byte_writer arrival_of(std::uint64_t number, const presence_table::entry& x) {
  auto out = envelope_of(topic::arrival);
  out.number(number);
  out.text(x.key);
  out.text(x.who);
  return out;
}

} // namespace

void presence_exchange::tell(std::uint64_t number,
                             const std::optional<presence_table::entry>& came) const {
  if (came) {
    links_->send_to_all(arrival_of(number, *came));
    return;
  }
  auto out = envelope_of(topic::departure);
  out.number(number);
  links_->send_to_all(std::move(out));
}

void presence_exchange::linked(const link& with) const {
  for (const auto& [number, x] : table_->entries_here()) {
    links_->send(with, arrival_of(number, x));
  }
}

void presence_exchange::note_arrival(const link& from, byte_reader& in) const {
  std::uint64_t number = 0;
  presence_table::entry x;
  in.number(number);
  in.text(x.key);
  in.text(x.who);
  table_->came(from.number, number, std::move(x));
}

void presence_exchange::note_departure(const link& from, byte_reader& in) const {
  std::uint64_t number = 0;
  in.number(number);
  table_->went(from.number, number);
}

} // namespace dcrf::cluster
