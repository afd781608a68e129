#include "identity/calling_code.h"

#include <algorithm>
#include <array>

namespace batuta::identity {
namespace {

struct CallingCode {
  std::string_view code;
  std::string_view country;
};
// ITU-T E.164, list of assigned country codes (Operational Bulletin 1114 and later changes). Of
// codes that several share, the one with most numbers.
constexpr auto kCodes = std::to_array<CallingCode>(
    {{"20", "EG"},  {"27", "ZA"},  {"30", "GR"},  {"31", "NL"},  {"32", "BE"},  {"33", "FR"},
     {"34", "ES"},  {"36", "HU"},  {"39", "IT"},  {"40", "RO"},  {"41", "CH"},  {"43", "AT"},
     {"44", "GB"},  {"45", "DK"},  {"46", "SE"},  {"47", "NO"},  {"48", "PL"},  {"49", "DE"},
     {"51", "PE"},  {"52", "MX"},  {"53", "CU"},  {"54", "AR"},  {"55", "BR"},  {"56", "CL"},
     {"57", "CO"},  {"58", "VE"},  {"60", "MY"},  {"61", "AU"},  {"62", "ID"},  {"63", "PH"},
     {"64", "NZ"},  {"65", "SG"},  {"66", "TH"},  {"81", "JP"},  {"82", "KR"},  {"84", "VN"},
     {"86", "CN"},  {"90", "TR"},  {"91", "IN"},  {"92", "PK"},  {"93", "AF"},  {"94", "LK"},
     {"95", "MM"},  {"98", "IR"},  {"211", "SS"}, {"212", "MA"}, {"213", "DZ"}, {"216", "TN"},
     {"218", "LY"}, {"220", "GM"}, {"221", "SN"}, {"222", "MR"}, {"223", "ML"}, {"224", "GN"},
     {"225", "CI"}, {"226", "BF"}, {"227", "NE"}, {"228", "TG"}, {"229", "BJ"}, {"230", "MU"},
     {"231", "LR"}, {"232", "SL"}, {"233", "GH"}, {"234", "NG"}, {"235", "TD"}, {"236", "CF"},
     {"237", "CM"}, {"238", "CV"}, {"239", "ST"}, {"240", "GQ"}, {"241", "GA"}, {"242", "CG"},
     {"243", "CD"}, {"244", "AO"}, {"245", "GW"}, {"246", "IO"}, {"247", "AC"}, {"248", "SC"},
     {"249", "SD"}, {"250", "RW"}, {"251", "ET"}, {"252", "SO"}, {"253", "DJ"}, {"254", "KE"},
     {"255", "TZ"}, {"256", "UG"}, {"257", "BI"}, {"258", "MZ"}, {"260", "ZM"}, {"261", "MG"},
     {"262", "RE"}, {"263", "ZW"}, {"264", "NA"}, {"265", "MW"}, {"266", "LS"}, {"267", "BW"},
     {"268", "SZ"}, {"269", "KM"}, {"290", "SH"}, {"291", "ER"}, {"297", "AW"}, {"298", "FO"},
     {"299", "GL"}, {"350", "GI"}, {"351", "PT"}, {"352", "LU"}, {"353", "IE"}, {"354", "IS"},
     {"355", "AL"}, {"356", "MT"}, {"357", "CY"}, {"358", "FI"}, {"359", "BG"}, {"370", "LT"},
     {"371", "LV"}, {"372", "EE"}, {"373", "MD"}, {"374", "AM"}, {"375", "BY"}, {"376", "AD"},
     {"377", "MC"}, {"378", "SM"}, {"380", "UA"}, {"381", "RS"}, {"382", "ME"}, {"383", "XK"},
     {"385", "HR"}, {"386", "SI"}, {"387", "BA"}, {"389", "MK"}, {"420", "CZ"}, {"421", "SK"},
     {"423", "LI"}, {"500", "FK"}, {"501", "BZ"}, {"502", "GT"}, {"503", "SV"}, {"504", "HN"},
     {"505", "NI"}, {"506", "CR"}, {"507", "PA"}, {"508", "PM"}, {"509", "HT"}, {"590", "GP"},
     {"591", "BO"}, {"592", "GY"}, {"593", "EC"}, {"594", "GF"}, {"595", "PY"}, {"596", "MQ"},
     {"597", "SR"}, {"598", "UY"}, {"599", "CW"}, {"670", "TL"}, {"672", "NF"}, {"673", "BN"},
     {"674", "NR"}, {"675", "PG"}, {"676", "TO"}, {"677", "SB"}, {"678", "VU"}, {"679", "FJ"},
     {"680", "PW"}, {"681", "WF"}, {"682", "CK"}, {"683", "NU"}, {"685", "WS"}, {"686", "KI"},
     {"687", "NC"}, {"688", "TV"}, {"689", "PF"}, {"690", "TK"}, {"691", "FM"}, {"692", "MH"},
     {"850", "KP"}, {"852", "HK"}, {"853", "MO"}, {"855", "KH"}, {"856", "LA"}, {"880", "BD"},
     {"886", "TW"}, {"960", "MV"}, {"961", "LB"}, {"962", "JO"}, {"963", "SY"}, {"964", "IQ"},
     {"965", "KW"}, {"966", "SA"}, {"967", "YE"}, {"968", "OM"}, {"970", "PS"}, {"971", "AE"},
     {"972", "IL"}, {"973", "BH"}, {"974", "QA"}, {"975", "BT"}, {"976", "MN"}, {"977", "NP"},
     {"992", "TJ"}, {"993", "TM"}, {"994", "AZ"}, {"995", "GE"}, {"996", "KG"}, {"998", "UZ"}});

// The numbering plan of North America: what its area codes stand for, where that is not the United
// States. Of the North American Numbering Plan Administrator.
struct AreaCodes {
  std::string_view country;  // "" of numbers that are no country's: free ones, personal ones
  std::string_view codes;    // three digits each
};
constexpr auto kAreaCodes = std::to_array<AreaCodes>({
    {"AG", "268"},
    {"AI", "264"},
    {"AS", "684"},
    {"BB", "246"},
    {"BM", "441"},
    {"BS", "242"},
    {"DM", "767"},
    {"DO", "809 829 849"},
    {"GD", "473"},
    {"GU", "671"},
    {"JM", "658 876"},
    {"KN", "869"},
    {"KY", "345"},
    {"LC", "758"},
    {"MP", "670"},
    {"MS", "664"},
    {"PR", "787 939"},
    {"SX", "721"},
    {"TC", "649"},
    {"TT", "868"},
    {"VC", "784"},
    {"VG", "284"},
    {"VI", "340"},
    {"CA",
     "204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 "
     "431 437 438 450 468 474 506 514 519 548 579 581 584 587 600 604 613 622 633 639 "
     "644 647 655 672 677 683 688 705 709 742 753 778 780 782 807 819 825 867 873 879 "
     "902 905 942"},
    {"",
     "500 521 522 523 524 525 526 527 528 529 532 533 535 538 542 543 544 545 546 547 "
     "549 550 552 553 554 555 556 558 566 569 577 578 588 589 700 710 800 822 833 844 "
     "855 866 877 880 881 882 883 884 885 886 887 888 889 900"},
});

std::string_view CountryOfAreaCode(std::string_view number) {
  constexpr size_t kDigits = 3;
  if (number.size() < kDigits) return "";
  const std::string_view area = number.substr(0, kDigits);
  for (const AreaCodes& codes : kAreaCodes) {
    for (size_t at = 0; at < codes.codes.size(); at += kDigits + 1) {
      if (codes.codes.substr(at, kDigits) == area) return codes.country;
    }
  }
  return "US";
}

}  // namespace

std::string_view CountryOfPhone(std::string_view e164) {
  if (!e164.starts_with('+')) return "";
  const std::string_view digits = e164.substr(1);
  if (digits.starts_with('1')) return CountryOfAreaCode(digits.substr(1));
  // Kazakhstan has the numbers of zone 7 that begin with 6 and 7, Russia the others.
  if (digits.starts_with('7')) {
    return digits.size() > 1 && (digits[1] == '6' || digits[1] == '7') ? "KZ" : "RU";
  }
  // No code is the beginning of another.
  const auto found = std::find_if(kCodes.begin(), kCodes.end(), [digits](const CallingCode& one) {
    return digits.starts_with(one.code);
  });
  return found == kCodes.end() ? std::string_view() : found->country;
}

}  // namespace batuta::identity
