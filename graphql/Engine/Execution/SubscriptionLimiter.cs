using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Limits the open subscriptions of each token on this silo, over all transports. A limit per connection alone could be avoided by opening
/// more connections.
/// </summary>
internal sealed class SubscriptionLimiter(IOptions<GraphQLOptions> options)
{
    private readonly int maxPerToken = options.Value.MaxSubscriptionsPerToken;
    private readonly Lock sync = new();
    private readonly Dictionary<string, int> byToken = [];

    /// <summary>Number of open subscriptions of all tokens.</summary>
    public int Count
    {
        get
        {
            lock (sync)
                return byToken.Values.Sum();
        }
    }

    /// <summary>
    /// Reserves a slot for a subscription and returns an object that releases the slot on disposal. Operations that are not subscriptions
    /// need no slot. Returns null if the token has reached its limit; the caller then responds with <see cref="CreateLimitError"/>.
    /// </summary>
    public IDisposable? TryOpen(ExecutionResult first, ClaimsPrincipal user)
    {
        if (first.Streams is null)
            return Slot.Create(() => { });
        var token = TokenOf(user);
        lock (sync)
        {
            var open = byToken.GetValueOrDefault(token);
            if (open >= maxPerToken)
                return null;
            byToken[token] = open + 1;
        }

        return Slot.Create(() => Close(token));
    }

    public RejectionError CreateLimitError() =>
        new(ErrorCodes.TooManySubscriptions, $"This token has {maxPerToken} open subscriptions; end one before starting another.");

    private void Close(string token)
    {
        lock (sync)
        {
            if (--byToken[token] == 0)
                byToken.Remove(token);
        }
    }

    // An authenticator can set NameIdentifier to distinguish several tokens of the same name.
    private static string TokenOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.Identity?.Name ?? "";

    private sealed class Slot : IDisposable
    {
        private Action? release;

        public static Slot Create(Action release) => new() { release = release };

        public void Dispose() => Interlocked.Exchange(ref release, null)?.Invoke();
    }
}
