using System.Text.Json;
using System.Text.Json.Serialization;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Client.Http;

/// <summary>Body of the 202 response to an accepted call.</summary>
/// <param name="Id">Id of the call.</param>
public sealed record CallAccepted(string Id);

/// <summary>Body of the response to <c>GET /calls/{id}</c>: the state of a call. Times are UTC.</summary>
/// <param name="Id">Id of the call.</param>
/// <param name="Deployment">Name of the deployment that executes the call.</param>
/// <param name="Status">Status of the call.</param>
/// <param name="ErrorCode">Reason why the call ended without a result; null if it has not ended or has a result.</param>
/// <param name="ErrorMessage">Description of the error; null if there is no error.</param>
/// <param name="CreatedAt">Time when the call was accepted.</param>
/// <param name="RunningSince">Time when the running attempt started; null if no attempt is running.</param>
/// <param name="EndedAt">Time when the call ended; null if it has not ended.</param>
/// <param name="NextAttemptAt">Earliest time of the next attempt; null if no backoff is in progress.</param>
/// <param name="PurgeAt">Time when the call is purged; null while it is queued.</param>
/// <param name="Attempts">All attempts, oldest first.</param>
/// <param name="Waiting">Reason why the call waits; null if it does not wait.</param>
/// <param name="Callback">State of the callback; null if the caller requested none.</param>
/// <param name="TraceId">Id of the trace that the call belongs to; null if the request has no trace context.</param>
public sealed record CallResponse(
    string Id,
    string Deployment,
    CallStatus Status,
    CallErrorCode? ErrorCode,
    string? ErrorMessage,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RunningSince,
    DateTimeOffset? EndedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? PurgeAt,
    IReadOnlyList<CallAttempt> Attempts,
    CallWait? Waiting,
    CallbackJson? Callback,
    string? TraceId
)
{
    /// <summary>Creates the response for a call.</summary>
    /// <param name="call">The call to describe.</param>
    /// <param name="waiting">Reason why the call waits; null if it does not wait or the reason is not included.</param>
    public static CallResponse From(CallView call, CallWait? waiting) =>
        new(
            call.Id.Value,
            call.Deployment.Value,
            call.Status,
            call.ErrorCode,
            call.ErrorMessage,
            call.CreatedAt,
            call.RunningSince,
            call.EndedAt,
            call.NextAttemptAt,
            call.PurgeAt,
            call.Attempts,
            waiting,
            CallbackJson.From(call.Callback),
            call.TraceId
        );
}

/// <summary>Serializes the JSON documents of asynchronous calls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(UpperSnakeCaseEnumConverter<CallStatus>),
        typeof(UpperSnakeCaseEnumConverter<CallErrorCode>),
        typeof(UpperSnakeCaseEnumConverter<CallWaitReason>),
    ]
)]
[JsonSerializable(typeof(CallAccepted))]
[JsonSerializable(typeof(CallResponse))]
public sealed partial class CallJson : JsonSerializerContext;

/// <summary>Writes enum values in upper snake case, for example <c>HEALTH_TIMEOUT</c>, like the GraphQL API.</summary>
internal sealed class UpperSnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseUpper)
    where T : struct, Enum;
