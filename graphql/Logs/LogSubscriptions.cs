using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using DeployCard.Client.Logs;

namespace DeployCard.GraphQL.Logs;

/// <summary>Subscriptions that watch logs.</summary>
[SubscriptionType]
public sealed class LogSubscriptions(IGrainFactory grains, GrainRetry retry, LogFollower tail)
{
    /// <summary>
    /// Streams a deployment's log: first the most recent lines, then every new line, without gaps or duplicates. <c>droppedLines</c>
    /// reports lines that a slow client missed.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="query">Filter for the lines; <c>last</c> limits only the initial lines. Null starts with the last 1,000 lines.</param>
    /// <param name="ct">Token that cancels the subscription.</param>
    public async IAsyncEnumerable<Lines> LogLines(string deployment, LogQueryInput? query, [EnumeratorCancellation] CancellationToken ct)
    {
        var known = (await retry.Require(grains, deployment, ct)).Name;
        await foreach (var chunk in tail.Follow(known, LogQueryInput.ToQuery(query), ct))
            yield return new(chunk);
    }
}
