using System.Text.Json;
using System.Text.Json.Serialization;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Callbacks;

namespace DeployCard.Silo.Gateway;

/// <summary>Body of the 202 response to an accepted call.</summary>
internal sealed record CallAccepted(string Id);

/// <summary>Body of the response to <c>GET /calls/{id}</c>: the state of a call.</summary>
internal sealed record CallResponse(
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
internal sealed partial class CallJson : JsonSerializerContext;

/// <summary>Writes enum values in upper snake case, for example <c>HEALTH_TIMEOUT</c>, like the GraphQL API.</summary>
internal sealed class UpperSnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseUpper)
    where T : struct, Enum;
