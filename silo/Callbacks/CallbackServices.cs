using DeployCard.Grains.Callbacks;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Callbacks;

internal static class CallbackServices
{
    /// <summary>Adds what reads and what sends callbacks.</summary>
    public static IServiceCollection AddCallbackSender(this IServiceCollection services) =>
        services.AddSingleton<CallbackHeader>().AddSingleton<CallbackClient>().AddSingleton<ICallbackSender, CallbackSender>();
}
