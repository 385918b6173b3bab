#include <gmock/gmock.h>
#include <zlib.h>

#include <fstream>
#include <sstream>

#include "tests/cli/cli_fixture.h"

namespace outdial::cli {
namespace {

using testing::HasSubstr;

class ImportTest : public CliTest {
 protected:
  // A file of this test with `content`.
  std::string File(const std::string& content) {
    const std::string path = Path("people.csv");
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string Path(const std::string& name) {
    return testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() +
           "_" + name;
  }
  static std::string Content(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
  }
  Run Import(const std::string& path, std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"dl", "import", path, "--dlma", "people"};
    args.insert(args.end(), more.begin(), more.end());
    return Ctl(args);
  }
  const std::vector<v1::Dl>& OnlyImport() { return state().imports.begin()->second; }
};

std::string Gzip(const std::string& text) {
  z_stream deflater{};
  EXPECT_EQ(deflateInit2(&deflater, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&deflater, text.size()), '\0');
  deflater.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  deflater.avail_in = static_cast<uInt>(text.size());
  deflater.next_out = reinterpret_cast<Bytef*>(packed.data());
  deflater.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&deflater, Z_FINISH), Z_STREAM_END);
  packed.resize(deflater.total_out);
  deflateEnd(&deflater);
  return packed;
}

std::string Rows(int count) {
  std::string csv = "name,number1\n";
  for (int i = 0; i < count; ++i) csv += "p" + std::to_string(i) + ",55501\n";
  return csv;
}

TEST_F(ImportTest, TakesEveryKindOfColumn) {
  const Run run =
      Import(File("\xEF\xBB\xBFname,Phone,number3,var.LANG,ukey,skip\r\n\"A, B\",1,3,de,,x\r\n"),
             {"--map", "Phone=number1", "--map", "skip=-"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(OnlyImport().size(), 1u);
  const v1::Dl& dl = OnlyImport()[0];
  EXPECT_EQ(dl.name(), "A, B");
  EXPECT_THAT(dl.number(), testing::ElementsAre("1", "", "3"));
  EXPECT_EQ(dl.variables(0).name(), "LANG");
  EXPECT_FALSE(dl.has_ukey());
  EXPECT_EQ(run.out, std::string("1 rows taken, 0 refused, dial list ") + kUuidB + "\n");
}

TEST_F(ImportTest, WhatIsNoFileIsRefused) {
  const Run folder = Import(testing::TempDir());
  EXPECT_EQ(folder.exit_code, 4);
  EXPECT_THAT(folder.err, HasSubstr("is a folder, not a file"));
  const Run missing = Import(Path("missing.csv"));
  EXPECT_EQ(missing.exit_code, 4);
  EXPECT_THAT(missing.err, HasSubstr("there is no such file"));
}

TEST_F(ImportTest, HostileRowsAreRefusedWithTheirLineAndTheRestIsTaken) {
  const std::string refused = Path("refused.csv");
  const Run run = Import(File("name,number1\n"
                              "a,1\n"               // 2
                              "\"never closed,2\n"  // 3
                              "b,3\n"               // 4
                              "M\xFCller,4\n"       // 5
                              "c\"d,5\n"            // 6
                              "e,6,7\n" +           // 7
                              std::string(10 << 20, 'x') +
                              ",8\n"                // 8
                              "f,bad\n"             // 9
                              "\"two\nlines\",9\n"  // 10, 11
                              "g,10"),              // 12
                         {"--refused", refused});
  EXPECT_EQ(run.exit_code, 8);
  std::vector<std::string> names;
  for (const v1::Dl& dl : OnlyImport()) names.push_back(dl.name());
  EXPECT_THAT(names, testing::ElementsAre("a", "b", "f", "two\nlines", "g"));
  EXPECT_EQ(run.out, std::string("4 rows taken, 6 refused, dial list ") + kUuidB + "\n");
  for (const char* line :
       {"line 3: has a quote", "line 5: name: is not UTF-8", "line 6: has a quote",
        "line 7: has 3 cells", "line 8: is longer than 65536 bytes", "line 9: number1: must be"}) {
    EXPECT_THAT(run.err, HasSubstr(line));
  }
  EXPECT_THAT(Content(refused), HasSubstr("\"f\",\"bad\",\"9\",\"number1: must be"));
}

TEST_F(ImportTest, ManyBrokenRowsAreToldInTheOrderOfTheFile) {
  std::string csv = "name,number1\na,bad\n";
  for (int i = 0; i < 2500; ++i) csv += "broken\n";
  const std::string refused = Path("refused.csv");
  const Run run = Import(File(csv + "b,bad\nbroken\n"), {"--refused", refused});
  EXPECT_EQ(run.out, std::string("0 rows taken, 2503 refused, dial list ") + kUuidB + "\n");
  std::istringstream lines(Content(refused));
  std::string text;
  std::getline(lines, text);  // the header
  for (int line = 2; std::getline(lines, text); ++line) {
    ASSERT_THAT(text, HasSubstr("\"" + std::to_string(line) + "\",")) << text;
  }
}

TEST_F(ImportTest, RefusedRowsPutRightCanBeImported) {
  const std::string refused = Path("refused.csv");
  EXPECT_EQ(Import(File("name,number1\nf,bad\n"), {"--refused", refused}).exit_code, 8);
  std::string content = Content(refused);
  content.replace(content.find("bad"), 3, "555");
  EXPECT_EQ(Import(File(content)).exit_code, 0);
}

TEST_F(ImportTest, TheImportedFileIsNeverOverwrittenWithItsRefusedRows) {
  const std::string csv = "name,number1\nf,bad\ng,1\n";
  const std::string path = File(csv);
  const Run run = Import(
      path, {"--refused", testing::TempDir() + "./" + path.substr(testing::TempDir().size())});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--refused: is the file that is imported"));
  EXPECT_EQ(Content(path), csv);
  EXPECT_TRUE(state().imports.empty());
}

TEST_F(ImportTest, AWrongHeaderNamesEveryWrongColumn) {
  const Run run = Import(File("name,Telefon,name\nx,1,y\n"));
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, HasSubstr("'Telefon' is not a field"));
  EXPECT_THAT(run.err, HasSubstr("'name' is there twice"));
  EXPECT_THAT(run.err, HasSubstr("allowed are: name, detail"));
  EXPECT_THAT(Import(File("name;number1\n")).err, HasSubstr("--delimiter ';'"));
  EXPECT_EQ(Import(File("")).exit_code, 4);
  EXPECT_TRUE(state().imports.empty());
}

TEST_F(ImportTest, ACutImportGoesOnWhenTheSameCommandIsGivenAgain) {
  const std::string path = File(Rows(3500) + "\"broken\n");
  const std::string refused = Path("refused.csv");
  state().cut_import_after = 2000;
  const Run cut = Import(path, {"--refused", refused});
  EXPECT_EQ(cut.exit_code, 6);
  EXPECT_THAT(cut.err, HasSubstr("2000 rows are safe; the same command again goes on"));
  state().cut_import_after = 0;
  const Run again = Import(path, {"--refused", refused});
  EXPECT_EQ(again.exit_code, 8) << again.err;
  EXPECT_THAT(again.err, HasSubstr("2000 rows are done"));
  EXPECT_EQ(again.out, std::string("3500 rows taken, 1 refused, dial list ") + kUuidB + "\n");
  ASSERT_EQ(state().imports.size(), 1u);
  ASSERT_EQ(OnlyImport().size(), 3500u);
  EXPECT_EQ(OnlyImport()[3499].name(), "p3499");
  EXPECT_LE(state().largest_batch, 1000u);
}

TEST_F(ImportTest, AFinishedImportThatIsGivenAgainDoesNothingAndSaysSo) {
  const std::string path = File(Rows(1500));
  EXPECT_EQ(Import(path).exit_code, 0);
  const Run again = Import(path);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out,
            std::string("all rows were there already: 1500 rows taken, 0 refused, dial list ") +
                kUuidB + "\n");
  EXPECT_EQ(OnlyImport().size(), 1500u);
}

TEST_F(ImportTest, AFinishedImportWithRefusedRowsStillSaysSoWhenGivenAgain) {
  const std::string path = File("name,number1\na,1\n\"broken\nb,bad\n");
  EXPECT_EQ(Import(path).exit_code, 8);
  const Run again = Import(path, {"--refused", Path("refused.csv")});
  EXPECT_EQ(again.exit_code, 8);
  EXPECT_THAT(again.out, HasSubstr("all rows were there already: 1 rows taken, 2 refused"));
  EXPECT_THAT(again.err, HasSubstr("2 of them were told when the import was begun"));
  EXPECT_THAT(again.err, Not(HasSubstr("they are in")));
}

TEST_F(ImportTest, AFileThatIsShorterThanItsImportIsRefused) {
  EXPECT_EQ(Import(File(Rows(10)), {"--request-id", "r"}).exit_code, 0);
  const Run shorter = Import(File(Rows(4)), {"--request-id", "r"});
  EXPECT_EQ(shorter.exit_code, 4);
  EXPECT_EQ(shorter.out, "");
  EXPECT_THAT(shorter.err, HasSubstr("the file has 4 rows to import, and the import with this "
                                     "request id has done 10 already"));
  EXPECT_THAT(shorter.err, HasSubstr("another --request-id imports this file"));
}

TEST_F(ImportTest, AnotherFileOrMapIsAnotherImport) {
  Import(File("name,number1\na,1\n"));
  Import(File("name,number1\nb,1\n"));
  Import(File("name,number1\nb,1\n"), {"--map", "name=detail"});
  EXPECT_EQ(state().imports.size(), 3u);
}

TEST_F(ImportTest, StandardInputNeedsARequestId) {
  EXPECT_EQ(Ctl({"dl", "import", "-", "--dlma", kUuidB}, {}, "number\n1\n").exit_code, 2);
  const Run run =
      Ctl({"dl", "import", "-", "--dlma", kUuidB, "--request-id", "r"}, {}, "number\n1\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(state().imports["r"].size(), 1u);
}

TEST_F(ImportTest, SummaryInJson) {
  const Run run = Import(File("number\n1\n"), {"--output", "jsonl", "--request-id", "r"});
  EXPECT_EQ(run.out, std::string("{\"dlma_uuid\":\"") + kUuidB +
                         "\",\"request_id\":\"r\",\"accepted\":1,\"refused\":0,"
                         "\"duplicates\":0,\"dry_run\":false}\n");
}

TEST_F(ImportTest, AnInterruptedImportSaysWhereItGoesOn) {
  interrupt_.Trigger();
  const Run run = Ctl({"dl", "import", File(Rows(10)), "--dlma", kUuidB});
  EXPECT_EQ(run.exit_code, 130);
  EXPECT_THAT(run.err, HasSubstr("the same command again goes on"));
}

TEST_F(ImportTest, JsonLinesAreToldByTheirFirstCharacter) {
  const Run run =
      Import(File("\xEF\xBB\xBF\n {\"uuid\":\"x\",\"dlma_uuid\":\"other\",\"name\":\"A\","
                  "\"number\":[\"1\",\"\",\"3\"],\"email\":null,\"trycnt\":[2],"
                  "\"variables\":[{\"name\":\"LANG\",\"value\":\"de\"}]}\r\n\n"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(OnlyImport().size(), 1u);
  const v1::Dl& dl = OnlyImport()[0];
  EXPECT_EQ(dl.name(), "A");
  EXPECT_EQ(dl.uuid() + dl.dlma_uuid(), "");
  EXPECT_THAT(dl.number(), testing::ElementsAre("1", "", "3"));
  EXPECT_FALSE(dl.has_email());
  EXPECT_EQ(dl.trycnt(0), 2u);
  EXPECT_EQ(dl.variables(0).value(), "de");
}

TEST_F(ImportTest, HostileJsonLinesAreRefusedWithTheirLineAndTheRestIsTaken) {
  const std::string refused = Path("refused.jsonl");
  const Run run = Import(File("{\"number\":[\"1\"]}\n"
                              "{\"number\":[\"2\"]\n"                          // 2
                              "{\"phone\":\"3\"}\n"                            // 3
                              "[1]\n"                                          // 4
                              "{\"name\":\"M\xFCller\",\"number\":[\"5\"]}\n"  // 5
                              "{\"name\":\"" +
                              std::string(10 << 20, 'x') +
                              "\"}\n"                     // 6
                              "{\"number\":[\"bad\"]}\n"  // 7
                              "{\"number\":[\"8\"]}"),
                         {"--refused", refused});
  EXPECT_EQ(run.exit_code, 8);
  EXPECT_EQ(run.out, std::string("2 rows taken, 6 refused, dial list ") + kUuidB + "\n");
  for (const char* line :
       {"line 2: is no JSON object", "line 3: is no JSON object", "line 4: is",
        "line 5: is not UTF-8", "line 6: is longer than 65536 bytes", "line 7: number1: must be"}) {
    EXPECT_THAT(run.err, HasSubstr(line));
  }
  EXPECT_THAT(Content(refused), HasSubstr("{\"number\":[\"bad\"],\"outdial_line\":7,"));
  EXPECT_THAT(Content(refused), HasSubstr("{\"outdial_text\":\"[1]\",\"outdial_line\":4,"));
}

TEST_F(ImportTest, RefusedJsonLinesPutRightCanBeImported) {
  const std::string refused = Path("refused.jsonl");
  EXPECT_EQ(Import(File("{\"number\":[\"bad\"]}\n"), {"--refused", refused}).exit_code, 8);
  std::string content = Content(refused);
  content.replace(content.find("bad"), 3, "555");
  const Run run = Import(File(content));
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(ImportTest, JsonLinesThatAreFewerThanTheirImportAreRefused) {
  const std::string row = "{\"number\":[\"1\"]}\n";
  EXPECT_EQ(Import(File(row + row), {"--request-id", "r"}).exit_code, 0);
  const Run shorter = Import(File(row), {"--request-id", "r"});
  EXPECT_EQ(shorter.exit_code, 4);
  EXPECT_THAT(shorter.err, HasSubstr("it is not the file of that import"));
}

TEST_F(ImportTest, FlagsOfCsvAreRefusedForJsonLines) {
  EXPECT_EQ(Import(File("{}\n"), {"--delimiter", ";"}).exit_code, 2);
  EXPECT_EQ(Import(File("{}\n"), {"--map", "a=name"}).exit_code, 2);
}

TEST_F(ImportTest, GzipIsToldByItsContent) {
  const Run run = Import(File(Gzip("number1\n1\n") + Gzip("2\n")));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(OnlyImport().size(), 2u);
  const Run piped = Ctl({"dl", "import", "-", "--dlma", kUuidB, "--request-id", "r"}, {},
                        Gzip("{\"number\":[\"1\"]}\n"));
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_EQ(state().imports["r"].size(), 1u);
}

TEST_F(ImportTest, AGzipFileThatIsCutOrDamagedIsSaidToBeSoAndItsLastLineIsNotTaken) {
  std::string packed = Gzip(Rows(5000));
  packed.resize(packed.size() / 2);
  const Run cut = Import(File(packed));
  EXPECT_EQ(cut.exit_code, 4);
  EXPECT_EQ(cut.out, "");
  EXPECT_THAT(cut.err, HasSubstr("ends in the middle of its gzip data"));
  for (const v1::Dl& dl : OnlyImport()) EXPECT_EQ(dl.number(0), "55501");
  packed.back() = '\xFF';
  packed += std::string(1000, '\xFF');
  EXPECT_THAT(Import(File(packed)).err, HasSubstr("is damaged"));
}

TEST_F(ImportTest, DuplicatesAndDryRunAreAskedOfTheServer) {
  const std::string path = File("number1\n1\n");
  const Run plain = Import(path);
  EXPECT_EQ(state().import_begin.duplicates(), v1::DUPLICATE_RULE_ALLOW);
  const Run merged = Import(path, {"--duplicates", "merge", "--duplicate-key", "number"});
  EXPECT_EQ(state().import_begin.duplicates(), v1::DUPLICATE_RULE_MERGE);
  EXPECT_EQ(state().import_begin.duplicate_key(), v1::DUPLICATE_KEY_NUMBER);
  EXPECT_THAT(merged.out, HasSubstr("1 rows taken, 0 refused, 0 of those taken merged"));
  EXPECT_EQ(state().imports.size(), 2u) << "another rule is another import";
  const Run dry = Ctl({"dl", "import", "-", "--dlma", kUuidB, "--dry-run"}, {}, "number\n1\n");
  EXPECT_TRUE(state().import_begin.dry_run());
  EXPECT_THAT(dry.out, HasSubstr("dry run, nothing was stored: 1 rows taken"));
  EXPECT_THAT(dry.out, Not(HasSubstr("duplicates")));
  const Run checked =
      Ctl({"dl", "import", "-", "--dlma", kUuidB, "--dry-run", "--duplicates", "refuse"}, {},
          "number\n1\n");
  EXPECT_THAT(checked.out, HasSubstr("duplicates were looked for in the list, not among the rows"));
  EXPECT_EQ(Import(path, {"--duplicates", "ignore"}).exit_code, 2);
}

}  // namespace
}  // namespace outdial::cli
