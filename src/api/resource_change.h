// A change of resources as requests state it. Internal to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "http/problem.h"
#include "resource/problem.h"
#include "resource/set.h"
#include "resource/yaml.h"

namespace batuta::api {

void JoinDocuments(resource::ParsedDocuments parsed, resource::Change& change,
                   std::vector<resource::Problem>& problems);

// {files: [{name, text}], documents: […], removals: [{kind, name}], removeUnstated: false}, at that
// pointer of the request. What is wrong with its shape goes into `errors`, what is wrong with the
// documents into `problems`.
void ReadResourceChange(const base::Value& value, std::string_view pointer,
                        std::vector<http::ProblemError>& errors, resource::Change& change,
                        std::vector<resource::Problem>& problems);

}  // namespace batuta::api
