using DeployCard.Grains.Deployments;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>The catalog of asynchronous calls: indexed queries on storage that wake no grain.</summary>
public interface IAsyncCallStore
{
    /// <summary>A page of a deployment's calls, newest first; it costs the same wherever it lies.</summary>
    /// <exception cref="InvalidCursorException">The cursor is none of this list.</exception>
    Task<Page<CallSummary>> List(DeploymentName deployment, CallFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Ids of a deployment's calls that have not ended, oldest first, behind <paramref name="after"/>.</summary>
    Task<IReadOnlyList<CallId>> ListOpen(DeploymentName deployment, CallId? after, int limit, CancellationToken cancellationToken);

    /// <summary>A deployment's calls that have not ended.</summary>
    Task<OpenCalls> CountOpen(DeploymentName deployment, CancellationToken cancellationToken);

    /// <summary>How many of a deployment's calls that have not ended lie behind <paramref name="after"/>, up to and with <paramref name="last"/>, in the order of their ids.</summary>
    Task<long> CountOpen(DeploymentName deployment, CallId? after, CallId last, CancellationToken cancellationToken);

    /// <summary>The call of a deployment that was accepted under an <c>Idempotency-Key</c>; null where there is none, or none any more.</summary>
    Task<CallId?> Find(DeploymentName deployment, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Ids of all of a deployment's calls, ended or not, in no order that counts.</summary>
    Task<IReadOnlyList<CallId>> ListAll(DeploymentName deployment, int limit, CancellationToken cancellationToken);

    /// <summary>Names of deployments that have calls which have not ended, in the order of the names, behind <paramref name="after"/>.</summary>
    Task<IReadOnlyList<DeploymentName>> ListDeploymentsWithOpen(DeploymentName? after, int limit, CancellationToken cancellationToken);
}

/// <summary>A call as lists show it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="ErrorCode">Why it ended without an answer that counts.</param>
/// <param name="CreatedAt">When it was accepted, UTC.</param>
/// <param name="EndedAt">When it ended, UTC.</param>
public sealed record CallSummary(CallId Id, CallStatus Status, CallErrorCode? ErrorCode, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

/// <summary>Calls that have not ended.</summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">The bodies of their requests together, in bytes.</param>
public sealed record OpenCalls(long Count, long Bytes);

/// <summary>Which calls; all of them where nothing is said.</summary>
/// <param name="Statuses">Any of these.</param>
/// <param name="ErrorCodes">Any of these.</param>
/// <param name="From">Accepted then or later, UTC.</param>
/// <param name="To">Accepted before then, UTC.</param>
public sealed record CallFilter(
    IReadOnlyList<CallStatus>? Statuses = null,
    IReadOnlyList<CallErrorCode>? ErrorCodes = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
);
