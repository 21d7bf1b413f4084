using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.AsyncCalls;

/// <summary>Reads asynchronous calls.</summary>
[QueryType]
public sealed class AsyncCallQueries(IGrainFactory grains, RepeatableCalls calls)
{
    /// <summary>One asynchronous call; null where there is none, or none any more.</summary>
    /// <param name="id">Its id, as the gateway gave it.</param>
    public async Task<AsyncCall?> AsyncCall([ID] string id) =>
        CallId.TryParse(id, out var parsed) && await calls.Make(grains.GetGrain<IAsyncCallGrain>(parsed.Value).Get) is { } view
            ? new(view)
            : null;
}

/// <summary>Changes asynchronous calls.</summary>
[MutationType]
public sealed class AsyncCallMutations(IGrainFactory grains, RepeatableCalls calls, FailedCalls failed)
{
    /// <summary>Ends a call that has not ended; an attempt that runs is aborted.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<AsyncCallPayload> CancelAsyncCall([ID] string id, ClaimsPrincipal caller, CancellationToken ct) =>
        Change(id, call => call.Cancel(caller.Actor(), ct));

    /// <summary>Gives a call that ended in an error a new series of attempts.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<AsyncCallPayload> RetryAsyncCall([ID] string id, ClaimsPrincipal caller, CancellationToken ct) =>
        Change(id, call => call.Retry(caller.Actor(), ct));

    /// <summary>Gives the failed calls of a deployment a new series of attempts, newest first, at most 10,000 at a time; canceled ones only where the error codes name them.</summary>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="filter">Only these; its statuses do not count.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<RetryFailedAsyncCallsPayload> RetryFailedAsyncCalls(
        string deployment,
        AsyncCallFilterInput? filter,
        ClaimsPrincipal caller,
        CancellationToken ct
    )
    {
        if (
            !DeploymentName.TryParse(deployment, out var known)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is not { } view
        )
            return new(
                0,
                false,
                UserErrors.One(
                    "deployment",
                    ErrorCodes.NotFound,
                    $"There is no deployment named '{(deployment.Length > 80 ? deployment[..80] + "…" : deployment)}'."
                )
            );
        if (view.DeletedAt is not null)
            return new(0, false, UserErrors.One("deployment", ErrorCodes.DeploymentDeleted, $"'{known}' was deleted."));
        var reruns = await failed.RunAgain(known, AsyncCallFilterInput.ToFilter(filter), caller.Actor(), ct);
        return new(
            reruns.Count,
            reruns.HasMore,
            reruns.Refusal is { } why ? UserErrors.One("deployment", ErrorCodes.LimitReached, why) : []
        );
    }

    /// <summary>Tells the end of a call to its <c>X-Callback-Url</c> once more, at once. Returns when that was tried, or after 10 s with the call so far.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<AsyncCallPayload> RedeliverCallback([ID] string id, ClaimsPrincipal caller, CancellationToken ct) =>
        Change(id, call => call.RedeliverCallback(caller.Actor(), ct));

    private async Task<AsyncCallPayload> Change(string id, Func<IAsyncCallGrain, Task<Outcome<CallView>>> change)
    {
        if (!CallId.TryParse(id, out var parsed))
            return new(null, UserErrors.One("id", ErrorCodes.NotFound, $"There is no call '{(id.Length > 80 ? id[..80] + "…" : id)}'."));
        var outcome = await change(grains.GetGrain<IAsyncCallGrain>(parsed.Value));
        return new(outcome.Succeeded ? new AsyncCall(outcome.Value) : null, UserErrors.Of(outcome.Errors));
    }
}

/// <summary>Watches asynchronous calls.</summary>
[SubscriptionType]
public sealed class AsyncCallSubscriptions(IGrainFactory grains, RepeatableCalls calls, CallFeed feed)
{
    private const int DefaultLast = 50;

    /// <summary>The newest calls of a deployment at once as they are, oldest first, then each that changes: accepted, tried, ended. With an id: that call, at once as it is.</summary>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="id">Only this call.</param>
    /// <param name="last">How many of the newest at first, 0 to 200, default 50.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<AsyncCall> AsyncCallChanged(
        string deployment,
        [ID] string? id,
        [Range(0, CallGap.Most)] int? last,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        if (
            !DeploymentName.TryParse(deployment, out var known)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is not { DeletedAt: null }
        )
            throw new ApiException(ErrorCodes.NotFound, $"There is no deployment named '{deployment}'.");
        var changes = Only(id) is { } only ? feed.Follow(known, only, ct) : feed.FollowAll(known, last ?? DefaultLast, ct);
        await foreach (var call in changes.WithCancellation(ct))
            yield return new(call);
    }

    private static CallId? Only(string? id) =>
        id is null ? null
        : CallId.TryParse(id, out var parsed) ? parsed
        : throw new ApiException(ErrorCodes.NotFound, "There is no such call.");
}

/// <summary>What came of running failed calls again.</summary>
/// <param name="Count">How many have a new series of attempts.</param>
/// <param name="HasMore">Whether there may be more of them: ask again.</param>
/// <param name="Errors">Why it ended before the last one; empty when nothing stood in its way.</param>
public sealed record RetryFailedAsyncCallsPayload(int Count, bool HasMore, IReadOnlyList<UserError> Errors);

/// <summary>What came of changing an asynchronous call.</summary>
/// <param name="AsyncCall">The call as it is now; null when nothing was changed because of errors.</param>
/// <param name="Errors">Why nothing was changed; empty when it was.</param>
public sealed record AsyncCallPayload(AsyncCall? AsyncCall, IReadOnlyList<UserError> Errors);
