using DeployCard.GraphQL;
using DeployCard.GraphQL.ApiTests;

namespace DeployCard.Silo.Access;

/// <summary>Registers who may do what.</summary>
internal static class AccessServices
{
    /// <summary>Puts another administrator token in the place of the present one.</summary>
    public const string NewTokenSwitch = "--new-admin-token";

    public static void AddAccess(this IServiceCollection services, string[] args) =>
        services
            .AddSingleton(s => ActivatorUtilities.CreateInstance<AdministratorAccess>(s, args.Contains(NewTokenSwitch)))
            .AddHostedService(s => s.GetRequiredService<AdministratorAccess>())
            .AddSingleton<IGraphQLAuthenticator>(s => s.GetRequiredService<AdministratorAccess>())
            .AddSingleton<TestCredential>()
            .AddSingleton<ITestSender, TestSender>();
}
