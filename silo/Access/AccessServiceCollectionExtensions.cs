using DeployCard.Contracts.Access;
using DeployCard.GraphQL.ApiTests;

namespace DeployCard.Silo.Access;

/// <summary>Registers authentication of the administrator and the API test of the card.</summary>
internal static class AccessServiceCollectionExtensions
{
    /// <summary>Switch that replaces the administrator token by a new one at the start.</summary>
    public const string NewTokenSwitch = "--new-admin-token";

    public static void AddAccess(this IServiceCollection services, string[] args) =>
        services
            .AddSingleton(s => ActivatorUtilities.CreateInstance<AdministratorAccess>(s, args.Contains(NewTokenSwitch)))
            .AddHostedService(s => s.GetRequiredService<AdministratorAccess>())
            .AddSingleton<ICallerAuthenticator>(s => s.GetRequiredService<AdministratorAccess>())
            .AddSingleton<TestCredential>()
            .AddSingleton<ITestSender, TestSender>();
}
