// Session storage is deleted with the tab, so that no token remains on a shared computer.
const name = 'deploycard.token';

export const rememberedToken = () => sessionStorage.getItem(name) ?? '';
export const rememberToken = token => sessionStorage.setItem(name, token);
