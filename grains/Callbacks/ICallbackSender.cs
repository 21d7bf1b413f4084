using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Grains.Callbacks;

/// <summary>Sends a callback to its receiver over HTTP, signed.</summary>
public interface ICallbackSender
{
    /// <summary>One delivery, within the setting <see cref="CallbackOptions.Timeout"/>. Never throws but when it is cancelled.</summary>
    Task<CallbackAnswer> Send(CallbackMessage message, CancellationToken cancellationToken);
}

/// <summary>The end of a call, to be told.</summary>
/// <param name="Url">Where.</param>
/// <param name="Id">The id of this end, the same at every delivery of it.</param>
/// <param name="Call">The call.</param>
/// <param name="Result">The model's answer; null where there is none.</param>
/// <param name="DeploymentUid">Which of the deployments of that name.</param>
/// <param name="SecretIds">The secrets to sign it with, at least one.</param>
public sealed record CallbackMessage(
    Uri Url,
    string Id,
    CallView Call,
    CallResult? Result,
    Guid DeploymentUid,
    IReadOnlyList<string> SecretIds
);
