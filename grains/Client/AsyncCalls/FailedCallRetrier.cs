using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Storage;

namespace DeployCard.Client.AsyncCalls;

/// <summary>Retries the failed calls of a deployment in bulk.</summary>
public sealed class FailedCallRetrier(IGrainFactory grains, IAsyncCallStore calls)
{
    /// <summary>Maximum number of calls that one request retries.</summary>
    public const int MaxPerRequest = 10_000;

    private const int PageSize = 100;

    private static readonly CallErrorCode[] RetryableErrors =
    [
        .. Enum.GetValues<CallErrorCode>().Except([CallErrorCode.Canceled, CallErrorCode.DeploymentDeleted]),
    ];

    /// <summary>
    /// Retries the failed calls that match a filter, newest first, at most <see cref="MaxPerRequest"/>. Without error codes in the filter,
    /// calls that were canceled or whose deployment was deleted are excluded. Stops early if the queue is full.
    /// </summary>
    public async Task<BulkRetryResult> RetryAll(
        DeploymentName deployment,
        CallFilter filter,
        string actor,
        CancellationToken cancellationToken
    )
    {
        var failed = filter with
        {
            Statuses = [CallStatus.Error],
            ErrorCodes = filter.ErrorCodes is { Count: > 0 } codes ? codes : RetryableErrors,
        };
        var count = 0;
        Page<CallSummary> page;
        string? cursor = null;
        do
        {
            page = await calls.List(deployment, failed, new(PageSize, cursor), cancellationToken);
            var outcomes = await Task.WhenAll(
                page.Items.Select(item => grains.GetGrain<IAsyncCallGrain>(item.Item.Id.Value).Retry(actor, cancellationToken))
            );
            count += outcomes.Count(outcome => outcome.Succeeded);
            if (outcomes.SelectMany(outcome => outcome.Errors).FirstOrDefault(error => error.Code is ErrorCodes.LimitReached) is { } full)
                return new(count, true, full.Message);
            cursor = page.Items is [.., { } last] ? last.Cursor : cursor;
        } while (page.HasNext && count < MaxPerRequest);
        return new(count, page.HasNext, null);
    }
}

/// <summary>Result of a bulk retry of failed calls.</summary>
/// <param name="Count">Number of calls that got a new series of attempts.</param>
/// <param name="HasMore">Whether more calls may match.</param>
/// <param name="StopReason">Reason why the bulk retry stopped early; null if it did not stop early.</param>
public sealed record BulkRetryResult(int Count, bool HasMore, string? StopReason);
