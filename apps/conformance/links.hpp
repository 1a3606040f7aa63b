#pragma once

#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/consumer/model_consumer.hpp"

#include <optional>
#include <string>

#include "conformance/models.hpp"

// Rows that show links to each other, over one connection.

namespace conformance {

struct linked_user_serializer : dcrf::model_serializer<user> {
  using fields = dcrf::shown<
      dcrf::identity<>, dcrf::field<&user::username>,
      dcrf::link_to_referrers<"profiles", &profile::user, dcrf::link_lookup<"user_pk", &user::id>>>;
  using listed = dcrf::identity<>;
};

struct linked_user_consumer
    : dcrf::model_consumer<linked_user_consumer, user, linked_user_serializer, dcrf::crud> {};

/// Teams are found by their names, and a list of them tells where to subscribe.
struct linked_team_serializer : dcrf::model_serializer<team> {
  using fields = dcrf::shown<
      dcrf::identity<dcrf::link_action<"find_team">, dcrf::link_lookup<"name", &team::name>>,
      dcrf::field<&team::name>>;
  using listed = dcrf::identity<dcrf::link_stream<"active_teams">, dcrf::link_action<"subscribe">,
                                dcrf::link_lookup<"team_name", &team::name>>;
};

class linked_team_consumer
    : public dcrf::model_consumer<linked_team_consumer, team, linked_team_serializer, dcrf::crud> {
public:
  dcrf::task<dcrf::response> find_team(std::string name);

  using actions = dcrf::actions<dcrf::action<&linked_team_consumer::find_team, "name">>;
};

struct linked_profile_serializer : dcrf::model_serializer<profile> {
  using fields = dcrf::shown<
      dcrf::identity<>,
      dcrf::link<&profile::user, dcrf::link_lookup<"username", &profile::user, &user::username>,
                 dcrf::link_lookup<"profile_pk", &profile::id>,
                 dcrf::link_lookup<"team_pk", &profile::team>>,
      dcrf::link<&profile::team, dcrf::link_stream<"active_teams">>,
      dcrf::link<&profile::friends, dcrf::link_action<"friends_of">,
                 dcrf::link_lookup<"profile_pk", &profile::id>>,
      dcrf::link_to_related<"friended", &profile::friends>>;
  using listed = dcrf::identity<>;
};

struct deep_profile_serializer : dcrf::model_serializer<profile> {
  using fields =
      dcrf::shown<dcrf::identity<>,
                  dcrf::link<&profile::team, dcrf::named<"team_of">, dcrf::read_only,
                             dcrf::link_lookup<"member", &profile::user, &user::username>,
                             dcrf::link_lookup<"pk", &profile::team>>>;
  using listed = dcrf::identity<>;
};

/// A client says by the argument `deep` how a profile is shown to it.
class linked_profile_consumer : public dcrf::model_consumer<linked_profile_consumer, profile,
                                                            linked_profile_serializer, dcrf::crud> {
public:
  struct view {
    std::optional<bool> deep;
    BOOST_DESCRIBE_CLASS(view, (), (deep), (), ())
  };

protected:
  const dcrf::serializer_descriptor& serializer(const dcrf::request& req) const override;
};

struct linked_comment_serializer : dcrf::model_serializer<comment> {
  using fields =
      dcrf::shown<dcrf::identity<>, dcrf::field<&comment::text>, dcrf::link<&comment::user>>;
  using listed = dcrf::identity<>;
};

struct linked_comment_consumer : dcrf::model_consumer<linked_comment_consumer, comment,
                                                      linked_comment_serializer, dcrf::crud> {};

struct linked_streams : dcrf::demultiplexer<dcrf::stream<"users", linked_user_consumer>,
                                            dcrf::stream<"teams", linked_team_consumer>,
                                            dcrf::stream<"active_teams", linked_team_consumer>,
                                            dcrf::stream<"profiles", linked_profile_consumer>,
                                            dcrf::stream<"comments", linked_comment_consumer>> {};

} // namespace conformance
