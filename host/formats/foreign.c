#include "host/formats/foreign.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "host/formats/reader.h"

#define PIXELS "convert it to PNG, with Pillow: PIL.Image.open(FILE).save(\"x.png\")"
#define AS_CSV "write a table, with pandas: "

#define AS_UTF_8 "convert it: iconv -f UTF-16 -t UTF-8, or save it as UTF-8"
#define UNPICKLE "load it in Python and write its arrays with numpy.save"
#define FROM_EXCEL AS_CSV "pandas.read_excel(FILE).to_csv(\"train.csv\", index=False)"

/* Kinds that their first bytes tell. */
static const struct {
    const char *magic;
    size_t size;
    const char *name, *cure;
    bool any_case; /* of text */
} kinds[] = {
    {"GIF87a", 6, "a GIF picture", PIXELS, false},
    {"GIF89a", 6, "a GIF picture", PIXELS, false},
    {"II*\0", 4, "a TIFF picture", PIXELS, false},
    {"MM\0*", 4, "a TIFF picture", PIXELS, false},
    {"\xff\xfe", 2, "text in UTF-16", AS_UTF_8, false},
    {"\xfe\xff", 2, "text in UTF-16", AS_UTF_8, false},
    {"\x89HDF\r\n\x1a\n", 8, "an HDF5 file", "write its arrays: numpy.save(\"x_train.npy\", h5py.File(FILE)[NAME][:])",
     false},
    {"\x80\x02", 2, "a Python pickle", UNPICKLE, false},
    {"\x80\x03", 2, "a Python pickle", UNPICKLE, false},
    {"\x80\x04", 2, "a Python pickle", UNPICKLE, false},
    {"\x80\x05", 2, "a Python pickle", UNPICKLE, false},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "an Excel or other Office file", FROM_EXCEL, false},
    {"PAR1\x15", 5, "a Parquet file", AS_CSV "pandas.read_parquet(FILE).to_csv(\"train.csv\", index=False)", false},
    {"ARROW1\0", 7, "an Arrow file", AS_CSV "pandas.read_feather(FILE).to_csv(\"train.csv\", index=False)", false},
    {"MATLAB 5.0 MAT-file", 19, "a MATLAB file",
     "write its arrays: numpy.save(\"x_train.npy\", scipy.io.loadmat(FILE)[NAME])", false},
    {"\x1f\x8b", 2, "compressed with gzip twice", "decompress it once", false},
    {"BZh91AY&SY", 10, "compressed with bzip2", "decompress it with bunzip2", false},
    {"\xfd\x37zXZ\0", 6, "compressed with xz", "decompress it with unxz", false},
    {"\x28\xb5\x2f\xfd", 4, "compressed with zstd", "decompress it with unzstd", false},
    {"<!DOCTYPE", 9, "a web page", "the download failed; get the file again", true},
    {"<html", 5, "a web page", "the download failed; get the file again", true},
    {"@relation", 9, "an ARFF file", AS_CSV "OpenML has its datasets as CSV, too", true},
};

static enum hg_status refuse(const char *path, const char *name, const char *cure)
{
    return hg_fail(HG_BAD_DATA, "%s: is %s, not data that handgrad reads; %s", path, name, cure);
}

/* ZIP archives tell by the name of their first member what they are for. */
static enum hg_status refuse_zip(const char *path, const char *bytes, size_t size)
{
    enum { NAME_LENGTH_AT = 26, NAME_AT = 30 };
    char name[HG_FOREIGN_SIZE] = "";
    size = size < HG_FOREIGN_SIZE ? size : HG_FOREIGN_SIZE;
    if (size > NAME_AT) {
        size_t length = (unsigned char)bytes[NAME_LENGTH_AT];
        length = length < size - NAME_AT ? length : size - NAME_AT;
        memcpy(name, bytes + NAME_AT, length);
    }
    if (strstr(name, ".npy"))
        return HG_OK; /* NPZ, which is read */
    if (strstr(name, "[Content_Types]") || strncmp(name, "xl/", 3) == 0 || strncmp(name, "_rels/", 6) == 0)
        return refuse(path, "an Excel or other Office file", FROM_EXCEL);
    return refuse(path, "a ZIP archive", "unpack it with unzip");
}

/* Eight bytes of a length, and JSON. */
static bool is_safetensors(const char *bytes, size_t size)
{
    return size > 9 && bytes[8] == '{' && bytes[9] == '"' && memcmp(bytes + 5, "\0\0\0", 3) == 0;
}

/* Every other byte of four characters is 0; IDX files begin with two such bytes. */
static bool is_utf16_without_mark(const char *bytes, size_t size)
{
    const bool low_first = size >= 4 && bytes[0] && !bytes[1] && bytes[2] && !bytes[3];
    const bool high_first = size >= 4 && !bytes[0] && bytes[1] && !bytes[2] && bytes[3];
    return low_first || high_first;
}

enum hg_status hg_foreign_refuse(const char *path, const void *bytes, size_t size)
{
    const char *text = bytes;
    if (size >= 4 && memcmp(text, "PK\3\4", 4) == 0)
        return refuse_zip(path, text, size);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
        const size_t length = kinds[i].size;
        if (size >= length && (kinds[i].any_case ? strncasecmp(text, kinds[i].magic, length) == 0
                                                 : memcmp(text, kinds[i].magic, length) == 0))
            return refuse(path, kinds[i].name, kinds[i].cure);
    }
    if (is_safetensors(text, size))
        return refuse(path, "a file of weights", "give samples");
    if (is_utf16_without_mark(text, size))
        return refuse(path, "text in UTF-16", AS_UTF_8);
    return HG_OK;
}

enum hg_status hg_foreign_refuse_file(const char *path)
{
    char bytes[HG_FOREIGN_SIZE];
    return hg_reader_peek(path, bytes, sizeof bytes) == HG_OK ? hg_foreign_refuse(path, bytes, sizeof bytes) : HG_OK;
}
