// The country of a telephone number, as far as its first digits tell.
//
// ITU-T E.164 gives calling codes to countries; some share one. Then it is the country that has
// most of its numbers (+44 is GB, also in Guernsey; +39 IT, +47 NO, +61 AU, +212 MA, +262 RE, +358
// FI, +590 GP, +599 CW), but for +7, which Russia and Kazakhstan divide by the next digit, and +1,
// which the United States, Canada and the islands divide by area codes. An area code of +1 that
// came into use after the table was written counts as one of the United States. A number may be
// carried abroad: it tells where it was issued, not where somebody lives.
#pragma once

#include <string_view>

namespace batuta::identity {

// ISO 3166-1, two letters ("XK" of Kosovo, which it leaves to its users); "" if the number is of no
// country (+800, +1 900), or no such code is assigned. Takes what Normalise says of a phone.
std::string_view CountryOfPhone(std::string_view e164);

}  // namespace batuta::identity
