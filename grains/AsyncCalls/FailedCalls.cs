using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>The calls of a deployment that ended in an error, all together.</summary>
public sealed class FailedCalls(IGrainFactory grains, IAsyncCallStore calls)
{
    /// <summary>How many are run again at a time: who wants more asks again.</summary>
    public const int Most = 10_000;

    private const int AtOnce = 100;

    private static readonly CallErrorCode[] Failures =
    [
        .. Enum.GetValues<CallErrorCode>().Except([CallErrorCode.Canceled, CallErrorCode.DeploymentDeleted]),
    ];

    /// <summary>
    /// Runs those again that a filter names, newest first, at most <see cref="Most"/>; without error codes all but those that somebody canceled.
    /// It ends early where the queue is full.
    /// </summary>
    public async Task<Reruns> RunAgain(DeploymentName deployment, CallFilter filter, string actor, CancellationToken cancellationToken)
    {
        var failed = filter with
        {
            Statuses = [CallStatus.Error],
            ErrorCodes = filter.ErrorCodes is { Count: > 0 } codes ? codes : Failures,
        };
        var count = 0;
        Page<CallSummary> page;
        string? cursor = null;
        do
        {
            page = await calls.List(deployment, failed, new(AtOnce, cursor), cancellationToken);
            var outcomes = await Task.WhenAll(
                page.Items.Select(item => grains.GetGrain<IAsyncCallGrain>(item.Item.Id.Value).Retry(actor, cancellationToken))
            );
            count += outcomes.Count(outcome => outcome.Succeeded);
            if (outcomes.SelectMany(outcome => outcome.Errors).FirstOrDefault(error => error.Code is ErrorCodes.LimitReached) is { } full)
                return new(count, true, full.Message);
            cursor = page.Items is [.., { } last] ? last.Cursor : cursor;
        } while (page.HasNext && count < Most);
        return new(count, page.HasNext, null);
    }
}

/// <summary>What came of running failed calls again.</summary>
/// <param name="Count">How many have a new series of attempts.</param>
/// <param name="HasMore">Whether there may be more of them.</param>
/// <param name="Refusal">Why it ended before the last one; null where nothing stood in its way.</param>
public sealed record Reruns(int Count, bool HasMore, string? Refusal);
