using System.Text.Json;
using System.Text.Json.Serialization;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Callbacks;

namespace DeployCard.Silo.Gateway;

/// <summary>The answer to an accepted call.</summary>
internal sealed record CallAccepted(string Id);

/// <summary>A call as <c>GET /calls/{id}</c> tells it.</summary>
internal sealed record CallAnswer(
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
    public static CallAnswer Of(CallView call, CallWait? waiting) =>
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
            CallbackJson.Of(call.Callback),
            call.TraceId
        );
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(UpperCaseEnumConverter<CallStatus>),
        typeof(UpperCaseEnumConverter<CallErrorCode>),
        typeof(UpperCaseEnumConverter<CallWaitReason>),
    ]
)]
[JsonSerializable(typeof(CallAccepted))]
[JsonSerializable(typeof(CallAnswer))]
internal sealed partial class CallJson : JsonSerializerContext;

/// <summary>Writes enum values as the other interfaces do: <c>HEALTH_TIMEOUT</c>.</summary>
internal sealed class UpperCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseUpper)
    where T : struct, Enum;
