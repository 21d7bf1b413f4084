using DeployCard.Contracts.Callbacks;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Sends signed callbacks to their receivers over HTTP.</summary>
public interface ICallbackSender
{
    /// <summary>Makes one delivery, within <see cref="CallbackOptions.Timeout"/>. Throws only if it is canceled.</summary>
    Task<DeliveryResult> Send(CallbackMessage message, CancellationToken cancellationToken);
}

/// <summary>A callback to deliver for the end of a call.</summary>
/// <param name="Url">URL of the receiver.</param>
/// <param name="Id">Value of <c>webhook-id</c>: the id of this end of the call, the same for all its deliveries.</param>
/// <param name="Call">The call that ended.</param>
/// <param name="Result">Response of the model; null if the call ended without a result.</param>
/// <param name="DeploymentUid">Unique id of the deployment, from which the secrets are derived.</param>
/// <param name="SecretIds">Ids of the secrets that sign the callback, at least one.</param>
public sealed record CallbackMessage(
    Uri Url,
    string Id,
    CallView Call,
    CallResult? Result,
    Guid DeploymentUid,
    IReadOnlyList<string> SecretIds
);
