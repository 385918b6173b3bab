# Writes OUTPUT, a C++ source that holds the bytes of INPUT.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(
  WRITE ${OUTPUT}
  "#include <cstddef>\n"
  "namespace outdial::cli {\n"
  "extern const unsigned char kApiDescriptors[];\n"
  "extern const size_t kApiDescriptorsSize;\n"
  "const unsigned char kApiDescriptors[] = {\n${bytes}};\n"
  "const size_t kApiDescriptorsSize = sizeof(kApiDescriptors);\n"
  "}  // namespace outdial::cli\n")
