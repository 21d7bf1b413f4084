using System.Runtime.CompilerServices;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Logs;

/// <summary>Watches logs.</summary>
[SubscriptionType]
public sealed class LogSubscriptions(IGrainFactory grains, RepeatableCalls calls, LogTail tail)
{
    /// <summary>The end of a deployment's log, then every line that comes; none twice, none lost in between.</summary>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="query">Which lines, and how many of the past; the last 1,000 where nothing is said.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<Lines> LogLines(string deployment, LogQueryInput? query, [EnumeratorCancellation] CancellationToken ct)
    {
        if (
            !DeploymentName.TryParse(deployment, out var known)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is not { } view
        )
            throw new ApiException(ErrorCodes.NotFound, $"There is no deployment named '{deployment}'.");
        if (view.DeletedAt is not null)
            throw new ApiException(ErrorCodes.DeploymentDeleted, $"Deployment '{deployment}' was deleted.");
        await foreach (var chunk in tail.Follow(known, LogQueryInput.ToQuery(query), ct))
            yield return new(chunk);
    }
}
