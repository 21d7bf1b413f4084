using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Callbacks;

/// <summary>Registers the sender of callbacks.</summary>
public static class CallbackSenderServiceCollectionExtensions
{
    /// <summary>Adds the <see cref="ICallbackSender"/>, which sends callbacks over HTTP.</summary>
    public static IServiceCollection AddCallbackSender(this IServiceCollection services) =>
        services.AddSingleton<CallbackClient>().AddSingleton<ICallbackSender, CallbackSender>();
}
