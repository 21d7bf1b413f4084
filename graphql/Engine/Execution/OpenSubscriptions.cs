using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Counts the subscriptions that are open on this silo, whatever they came by, for each token, and refuses one token too many: it could else open
/// connection upon connection.
/// </summary>
internal sealed class OpenSubscriptions(IOptions<GraphQLOptions> options)
{
    private readonly int most = options.Value.MaxSubscriptionsPerToken;
    private readonly Lock sync = new();
    private readonly Dictionary<string, int> byToken = [];

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (sync)
                return byToken.Values.Sum();
        }
    }

    /// <summary>Lets a subscription begin, to be disposed of when it ends; anything else passes. Null where there are too many: <see cref="Refusal"/> says so.</summary>
    public IDisposable? Open(ExecutionResult first, ClaimsPrincipal user)
    {
        if (first.Streams is null)
            return Place.Of(() => { });
        var token = TokenOf(user);
        lock (sync)
        {
            var open = byToken.GetValueOrDefault(token);
            if (open >= most)
                return null;
            byToken[token] = open + 1;
        }

        return Place.Of(() => Close(token));
    }

    public RefusedError Refusal() =>
        new(ErrorCodes.TooManySubscriptions, $"This token has {most} subscriptions open, which is the most: end one first.");

    private void Close(string token)
    {
        lock (sync)
        {
            if (--byToken[token] == 0)
                byToken.Remove(token);
        }
    }

    // Whoever authenticates may tell tokens of one name apart.
    private static string TokenOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.Identity?.Name ?? "";

    private sealed class Place : IDisposable
    {
        private Action? leave;

        public static Place Of(Action leave) => new() { leave = leave };

        public void Dispose() => Interlocked.Exchange(ref leave, null)?.Invoke();
    }
}
