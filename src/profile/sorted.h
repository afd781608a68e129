// Repeated fields that are kept sorted: places found by binary search, elements moved by pointer.
#pragma once

#include "google/protobuf/repeated_field.h"

namespace batuta::profile {

// The first index whose element is not before the place sought; `before(element)` must be monotone.
template <typename Message, typename Before>
int FirstNotBefore(const google::protobuf::RepeatedPtrField<Message>& field, const Before& before) {
  int low = 0;
  int high = field.size();
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (before(field.Get(middle))) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// A new, empty element at `index`; those from there on move up.
template <typename Message>
Message& InsertAt(google::protobuf::RepeatedPtrField<Message>& field, int index) {
  Message* added = field.Add();
  for (int i = field.size() - 1; i > index; --i) field.SwapElements(i, i - 1);
  return *added;
}

template <typename Message>
void RemoveAt(google::protobuf::RepeatedPtrField<Message>& field, int index) {
  field.DeleteSubrange(index, 1);
}

}  // namespace batuta::profile
