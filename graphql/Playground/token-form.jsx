export function TokenForm({ token, onUse }) {
  const submit = event => {
    event.preventDefault();
    onUse(new FormData(event.target).get('token').trim());
  };
  return (
    <form className="token" onSubmit={submit}>
      <label htmlFor="token">Administrator token</label>
      <input id="token" name="token" type="password" autoComplete="off" defaultValue={token} placeholder="kept in this tab only" />
      <button type="submit">Use</button>
    </form>
  );
}
