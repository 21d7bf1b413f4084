// The session's storage ends with the tab: a token is not left behind on a shared machine.
const name = 'deploycard.token';

export const rememberedToken = () => sessionStorage.getItem(name) ?? '';
export const rememberToken = token => sessionStorage.setItem(name, token);
