#pragma once

#include <string>

namespace dcrf::internal {

class connection;

/// Where PostgreSQL itself notes changes to the rows of the models, whoever makes them: in the
/// table `dcrf_change`, by triggers, in the transaction of the change.
namespace postgresql {

/// What is notified when there is something new in the table.
inline constexpr const char* change_channel = "dcrf_change";

/// Creates the table and the triggers' functions, if they are not there.
void prepare_change_table(connection& sql);

/// Has the changes to a table noted.
void watch_table(connection& sql, const std::string& table);

/// Tells the triggers whose the changes of this connection are.
/// @param node tells it from others; empty if they are not to be noted
void mark_own_changes(connection& sql, const std::string& node);
/// The same, until the transaction ends or is undone.
void mark_own_changes_here(connection& sql, const std::string& node);

} // namespace postgresql

} // namespace dcrf::internal
