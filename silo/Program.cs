using DeployCard.Callbacks;
using DeployCard.Domain;
using DeployCard.Gateway;
using DeployCard.Gateway.Logs;
using DeployCard.GraphQL.Engine.Hosting;
using DeployCard.Silo.Access;
using DeployCard.Silo.Hosting;
using DeployCard.Silo.Telemetry;

if (args.Contains(HealthCheckCommand.Switch))
    return await HealthCheckCommand.Run(args);

return await Startup.Run(async () =>
{
    var builder = SiloBuilder.Create(args);
    using var installation = builder.OpenInstallation();

    builder.AddTelemetry();
    // Services start in this order and stop in reverse: first the server stops accepting requests, then the pods stop, then the silo.
    builder.Host.UseOrleans(silo => silo.UseInstallation(installation).AddStorage(installation));
    builder.Services.AddPods(installation, builder.Configuration);
    builder.Services.AddGrains(builder.Configuration);
    builder.Services.AddGateway();
    builder.Services.AddCallbackSender();
    builder.Services.AddAccess(args);
    builder.Services.AddDeployCardGraphQL();
    builder.Services.AddLogDownload();
    builder.Services.AddDrainingHostLifetime();
    builder.Services.AddHealth();
    builder.Services.AddBanner();

    await using var app = builder.Build();
    if (args.Contains(Startup.MigrateOnlySwitch))
    {
        await app.MigrateOnly();
        return;
    }

    app.CheckPrerequisites();
    app.UsePredictions();
    app.MapHealth();
    app.MapGateway();
    app.MapDeployCardGraphQL("/graphql");
    app.MapLogDownload();
    app.MapStartPage();
    await app.RunAsync();
});
