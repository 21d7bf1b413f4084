using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>The catalog of asynchronous calls: indexed queries on storage that activate no grain.</summary>
public interface IAsyncCallStore
{
    /// <summary>Returns a page of a deployment's calls, newest first. The cost does not depend on the position of the page.</summary>
    /// <exception cref="InvalidCursorException">The cursor belongs to another list or is malformed.</exception>
    Task<Page<CallSummary>> List(DeploymentName deployment, CallFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>
    /// Returns ids of a deployment's open calls, oldest first, that follow <paramref name="after"/>; null starts with the oldest call.
    /// </summary>
    Task<IReadOnlyList<CallId>> ListOpen(DeploymentName deployment, CallId? after, int limit, CancellationToken cancellationToken);

    /// <summary>Counts the open calls of a deployment and the bytes of their request bodies.</summary>
    Task<OpenCalls> CountOpen(DeploymentName deployment, CancellationToken cancellationToken);

    /// <summary>
    /// Counts the open calls of a deployment whose ids follow <paramref name="after"/>, up to and including <paramref name="last"/>.
    /// </summary>
    Task<long> CountOpen(DeploymentName deployment, CallId? after, CallId last, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the call of a deployment that was accepted with an <c>Idempotency-Key</c>; null if no such call exists.
    /// </summary>
    Task<CallId?> FindByIdempotencyKey(DeploymentName deployment, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Returns ids of a deployment's calls, ended or not, in no particular order.</summary>
    Task<IReadOnlyList<CallId>> ListAll(DeploymentName deployment, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns names of deployments with open calls, sorted by name, that follow <paramref name="after"/>; null starts with the first name.
    /// </summary>
    Task<IReadOnlyList<DeploymentName>> ListDeploymentsWithOpen(DeploymentName? after, int limit, CancellationToken cancellationToken);
}

/// <summary>An asynchronous call as lists show it.</summary>
/// <param name="Id">Id of the call.</param>
/// <param name="Status">Status of the call.</param>
/// <param name="ErrorCode">Reason why the call ended without a result; null if it has not ended or has a result.</param>
/// <param name="CreatedAt">Time when the call was accepted, UTC.</param>
/// <param name="EndedAt">Time when the call ended, UTC; null if it has not ended.</param>
public sealed record CallSummary(CallId Id, CallStatus Status, CallErrorCode? ErrorCode, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

/// <summary>Number and size of the open calls of a deployment.</summary>
/// <param name="Count">Number of calls that have not ended.</param>
/// <param name="Bytes">Total size in bytes of the request bodies of these calls.</param>
public sealed record OpenCalls(long Count, long Bytes);

/// <summary>Filter of a list of calls. A null or empty criterion matches all calls.</summary>
/// <param name="Statuses">Matches calls with any of these statuses.</param>
/// <param name="ErrorCodes">Matches calls with any of these error codes.</param>
/// <param name="From">Matches calls that were accepted at or after this time, UTC.</param>
/// <param name="To">Matches calls that were accepted before this time, UTC.</param>
public sealed record CallFilter(
    IReadOnlyList<CallStatus>? Statuses = null,
    IReadOnlyList<CallErrorCode>? ErrorCodes = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null
);
