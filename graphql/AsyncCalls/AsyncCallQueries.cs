using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using DeployCard.Client.AsyncCalls;
using DeployCard.Client.Cluster;
using DeployCard.Common.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL.AsyncCalls;

/// <summary>Queries that read asynchronous calls.</summary>
[QueryType]
public sealed class AsyncCallQueries(IGrainFactory grains, GrainRetry retry)
{
    /// <summary>Returns one asynchronous call; null if the id is unknown or the call was purged.</summary>
    /// <param name="id">Call id, as the gateway returned it.</param>
    public async Task<AsyncCall?> AsyncCall([ID] string id) =>
        CallId.TryParse(id, out var parsed) && await retry.Execute(grains.GetGrain<IAsyncCallGrain>(parsed.Value).Get) is { } view
            ? new(view)
            : null;
}

/// <summary>Mutations that change asynchronous calls.</summary>
[MutationType]
public sealed class AsyncCallMutations(IGrainFactory grains, GrainRetry retry, FailedCallRetrier failed)
{
    /// <summary>
    /// Cancels a queued call, and aborts its attempt if one is in progress. Fails with <c>ALREADY_ENDED</c> if the call has ended.
    /// </summary>
    /// <param name="id">Call id, as the gateway returned it.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<AsyncCallPayload> CancelAsyncCall([ID] string id, ClaimsPrincipal caller, CancellationToken ct) =>
        Change(id, call => call.Cancel(caller.GetActor(), ct));

    /// <summary>Starts a new series of attempts for a call that ended with an error.</summary>
    /// <param name="id">Call id, as the gateway returned it.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<AsyncCallPayload> RetryAsyncCall([ID] string id, ClaimsPrincipal caller, CancellationToken ct) =>
        Change(id, call => call.Retry(caller.GetActor(), ct));

    /// <summary>
    /// Starts a new series of attempts for the failed calls of a deployment, newest first, at most about 10,000 per request. Canceled calls
    /// are retried only if the filter names their error code.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="filter">Filter for the calls to retry; its statuses are ignored. Null retries all failed calls except canceled
    /// ones.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<RetryFailedAsyncCallsPayload> RetryFailedAsyncCalls(
        string deployment,
        AsyncCallFilterInput? filter,
        ClaimsPrincipal caller,
        CancellationToken ct
    )
    {
        var (found, error) = await retry.Find(grains, deployment, ct);
        if (found is null)
            return new(0, false, [error!]);
        var retried = await failed.RetryAll(found.Name, AsyncCallFilterInput.ToFilter(filter), caller.GetActor(), ct);
        return new(
            retried.Count,
            retried.HasMore,
            retried.StopReason is { } why ? UserErrors.Create("deployment", ErrorCodes.LimitReached, why) : []
        );
    }

    /// <summary>
    /// Immediately sends the callback of an ended call to its <c>X-Callback-Url</c> again. Returns when the delivery attempt has finished,
    /// or after 10 s with the current state of the call.
    /// </summary>
    /// <param name="id">Call id, as the gateway returned it.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<AsyncCallPayload> RedeliverCallback([ID] string id, ClaimsPrincipal caller, CancellationToken ct) =>
        Change(id, call => call.RedeliverCallback(caller.GetActor(), ct));

    private async Task<AsyncCallPayload> Change(string id, Func<IAsyncCallGrain, Task<Outcome<CallView>>> change)
    {
        if (!CallId.TryParse(id, out var parsed))
            return new(null, UserErrors.Create("id", ErrorCodes.NotFound, $"There is no call '{DisplayText.Shorten(id)}'."));
        var outcome = await change(grains.GetGrain<IAsyncCallGrain>(parsed.Value));
        return new(outcome.Succeeded ? new AsyncCall(outcome.Value) : null, UserErrors.From(outcome.Errors));
    }
}

/// <summary>Subscriptions that watch asynchronous calls.</summary>
[SubscriptionType]
public sealed class AsyncCallSubscriptions(IGrainFactory grains, GrainRetry retry, CallSubscriptions subscriptions)
{
    private const int DefaultLast = 50;

    /// <summary>
    /// Streams the newest calls of a deployment in their current state, oldest first, and then every call that is accepted, attempted or
    /// ended. With <c>id</c>, streams only that call, starting with its current state.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="id">Id of the only call to watch; null watches all calls of the deployment.</param>
    /// <param name="last">Number of newest calls to send initially, 0 to 200, default 50; ignored if <c>id</c> is given.</param>
    /// <param name="ct">Token that cancels the subscription.</param>
    public async IAsyncEnumerable<AsyncCall> AsyncCallChanged(
        string deployment,
        [ID] string? id,
        [Range(0, CallResumePoint.MaxCalls)] int? last,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var name = (await retry.Require(grains, deployment, ct)).Name;
        var changes = Only(id) is { } only
            ? subscriptions.Subscribe(name, only, ct)
            : subscriptions.SubscribeAll(name, last ?? DefaultLast, ct);
        await foreach (var call in changes.WithCancellation(ct))
            yield return new(call);
    }

    private static CallId? Only(string? id) =>
        id is null ? null
        : CallId.TryParse(id, out var parsed) ? parsed
        : throw new ApiException(ErrorCodes.NotFound, "There is no such call.");
}

/// <summary>Result of the mutation <c>retryFailedAsyncCalls</c>.</summary>
/// <param name="Count">Number of calls that were queued for a new series of attempts.</param>
/// <param name="HasMore">Whether more failed calls may match; repeat the mutation to retry them.</param>
/// <param name="Errors">Errors that stopped the mutation before the last matching call; empty on success.</param>
public sealed record RetryFailedAsyncCallsPayload(int Count, bool HasMore, IReadOnlyList<UserError> Errors);

/// <summary>Result of a mutation that changes one asynchronous call.</summary>
/// <param name="AsyncCall">Current state of the call; null if the mutation failed.</param>
/// <param name="Errors">Errors that prevented the change; empty on success.</param>
public sealed record AsyncCallPayload(AsyncCall? AsyncCall, IReadOnlyList<UserError> Errors);
