# Completion of handgrad for bash. The program itself says what may follow (handgrad complete).
_handgrad() {
    local cur=${COMP_WORDS[COMP_CWORD]} word words=() line
    [[ $cur == = ]] && cur=''
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do # bash splits --option=value at the sign
        [[ $word == = ]] || words+=("$word")
    done
    compopt +o default
    while IFS= read -r line; do
        if [[ $line == :files ]]; then
            compopt -o default # readline's own, which knows of quotes and ~
        else
            COMPREPLY+=("${line%%$'\t'*}")
        fi
    done < <("${1/#\~/$HOME}" complete "${words[@]}" "$cur" 2>/dev/null)
}
complete -o default -F _handgrad handgrad
