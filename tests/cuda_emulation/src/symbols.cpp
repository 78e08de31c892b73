/* A kernel's name and the shared variables. A variable that is static within the function _Z<name> has the mangled name
 * _ZZ<name>E<variable>; thread-local ones have a symbol type of their own. So the ELF symbol table tells which
 * variables are shared, which of them a kernel declares, and how large they are. */
#include <cstring>
#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <link.h>
#include <map>

#include "symbols.h"

namespace hg_emulation
{
namespace
{
struct Module {
    std::vector<char> file;
    char *base = nullptr;
    const Elf64_Sym *symbols = nullptr;
    size_t count = 0;
    const char *names = nullptr;
    std::vector<Shared> shared;

    char *address_of(const Elf64_Sym &symbol) const
    {
        const Elf64_Ehdr *header = reinterpret_cast<const Elf64_Ehdr *>(file.data());
        return header->e_type == ET_DYN ? base + symbol.st_value : reinterpret_cast<char *>(symbol.st_value);
    }
};

bool is_shared(const Elf64_Sym &symbol, const char *names, const std::string &prefix)
{
    return ELF64_ST_TYPE(symbol.st_info) == STT_TLS && symbol.st_shndx != SHN_UNDEF &&
           std::strncmp(names + symbol.st_name, prefix.c_str(), prefix.size()) == 0;
}

Module load(const Dl_info &info)
{
    Module module;
    module.base = static_cast<char *>(info.dli_fbase);
    std::ifstream stream(info.dli_fname, std::ios::binary);
    if (!stream) /* argv[0] need not be a path */
        stream.open("/proc/self/exe", std::ios::binary);
    module.file.assign(std::istreambuf_iterator<char>(stream), {});
    const char *data = module.file.data();
    if (module.file.size() < sizeof(Elf64_Ehdr) || std::memcmp(data, ELFMAG, SELFMAG) != 0)
        return module;
    const Elf64_Ehdr *header = reinterpret_cast<const Elf64_Ehdr *>(data);
    const Elf64_Shdr *sections = reinterpret_cast<const Elf64_Shdr *>(data + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; ++i)
        if (sections[i].sh_type == SHT_SYMTAB) {
            module.symbols = reinterpret_cast<const Elf64_Sym *>(data + sections[i].sh_offset);
            module.count = sections[i].sh_size / sizeof(Elf64_Sym);
            module.names = data + sections[sections[i].sh_link].sh_offset;
        }
    for (size_t i = 0; i < module.count; ++i)
        if (is_shared(module.symbols[i], module.names, "_ZZ"))
            module.shared.push_back({module.symbols[i].st_value, module.symbols[i].st_size});
    return module;
}

std::string readable(const char *mangled)
{
    int status = 0;
    char *text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
    std::string name = status == 0 ? text : mangled;
    std::free(text);
    return name.substr(0, name.find('('));
}

Symbols look_up(const void *function)
{
    static std::map<void *, Module> &modules = *new std::map<void *, Module>;
    static const std::vector<Shared> none;
    Symbols result = {"kernel", 0, &none, nullptr};
    Dl_info info;
    if (dladdr(function, &info) == 0)
        return result;
    auto known = modules.find(info.dli_fbase);
    if (known == modules.end())
        known = modules.emplace(info.dli_fbase, load(info)).first;
    const Module &module = known->second;
    result.shared = &module.shared;
    result.base = module.base;
    std::string prefix;
    for (size_t i = 0; i < module.count && prefix.empty(); ++i) {
        const Elf64_Sym &symbol = module.symbols[i];
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || module.address_of(symbol) != function)
            continue;
        const std::string mangled = module.names + symbol.st_name;
        result.name = readable(mangled.c_str());
        prefix = mangled.compare(0, 2, "_Z") == 0 ? "_ZZ" + mangled.substr(2) + "E"
                                                  : "_ZZ" + std::to_string(mangled.size()) + mangled + "E";
    }
    for (size_t i = 0; i < module.count && !prefix.empty(); ++i)
        if (is_shared(module.symbols[i], module.names, prefix))
            result.shared_bytes += module.symbols[i].st_size;
    return result;
}
} // namespace

const Symbols &symbols_of(const void *function)
{
    static std::map<const void *, Symbols> &known = *new std::map<const void *, Symbols>;
    auto found = known.find(function);
    if (found == known.end())
        found = known.emplace(function, look_up(function)).first;
    return found->second;
}

char *thread_local_memory(const void *base)
{
    struct Search {
        const void *base;
        char *found;
    } search = {base, nullptr};
    dl_iterate_phdr(
        [](dl_phdr_info *info, size_t, void *data) {
            Search *wanted = static_cast<Search *>(data);
            for (size_t i = 0; i < info->dlpi_phnum; ++i) {
                const ElfW(Phdr) &header = info->dlpi_phdr[i];
                if (header.p_type == PT_LOAD && header.p_offset == 0 &&
                    reinterpret_cast<const void *>(info->dlpi_addr + header.p_vaddr) == wanted->base)
                    wanted->found = static_cast<char *>(info->dlpi_tls_data);
            }
            return wanted->found != nullptr ? 1 : 0;
        },
        &search);
    return search.found;
}
} // namespace hg_emulation
