using DeployCard.Grains.Callbacks;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Callbacks;

internal static class CallbackSenderServiceCollectionExtensions
{
    /// <summary>Adds the services that parse the header <c>X-Callback-Url</c> and send callbacks.</summary>
    public static IServiceCollection AddCallbackSender(this IServiceCollection services) =>
        services.AddSingleton<CallbackHeader>().AddSingleton<CallbackClient>().AddSingleton<ICallbackSender, CallbackSender>();
}
