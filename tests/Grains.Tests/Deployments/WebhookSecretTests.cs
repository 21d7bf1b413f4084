using System.Text;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Results;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class WebhookSecretTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Secret_is_shown_on_creation_and_known_to_every_gateway()
    {
        var name = NewName();
        await Create(name);
        (await Silos.Deployment(name).GetRoute()).HasWebhookSecret.ShouldBeFalse();

        var created = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        var route = await Silos.Deployment(name).GetRoute();
        route.HasWebhookSecret.ShouldBeTrue();
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.HasWebhookSecret);
        created.Text.ShouldBe(Silos.WebhookSecrets.DeriveText(route.Uid, created.Secret.Id));
        created.Secret.CreatedBy.ShouldBe(Anna);
        (await View(name)).WebhookSecrets.ShouldBe([created.Secret]);
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.WebhookSecretCreated && e.Actor == Anna);
    }

    [Fact]
    public async Task Text_of_a_secret_is_not_stored()
    {
        var name = NewName();
        await Create(name);

        var created = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        var stored = Encoding.Latin1.GetString(await Silos.StoredBytes());
        stored.ShouldContain(created.Secret.Id);
        stored.ShouldNotContain(created.Text["whsec_".Length..][..30]);
    }

    [Fact]
    public async Task Third_secret_is_rejected_until_one_of_two_is_revoked()
    {
        var name = NewName();
        await Create(name);
        var first = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        var second = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        first.Text.ShouldNotBe(second.Text);
        (await Silos.Deployment(name).GetWebhookSecrets()).ShouldBe([first.Secret, second.Secret]);

        Error(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token)).Code.ShouldBe(ErrorCodes.LimitReached);

        Value(await Silos.Deployment(name).RevokeWebhookSecret(first.Secret.Id, "bob", Token)).WebhookSecrets.ShouldBe([second.Secret]);
        Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.WebhookSecretRevoked && e.Actor == "bob");
    }

    [Fact]
    public async Task Revoked_secret_is_removed_immediately_and_cannot_be_revoked_again()
    {
        var name = NewName();
        await Create(name);
        var created = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        Value(await Silos.Deployment(name).RevokeWebhookSecret(created.Secret.Id, Anna, Token));

        Silos.Gateways.ShouldAllBe(gateway => !gateway.Route(name)!.HasWebhookSecret);
        Error(await Silos.Deployment(name).RevokeWebhookSecret(created.Secret.Id, Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Unknown_or_deleted_deployment_gets_no_secret()
    {
        Error(await Silos.Deployment(NewName()).CreateWebhookSecret(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        var name = NewName();
        await Create(name);
        Value(await Silos.Deployment(name).Delete(Anna, Token));

        Error(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
        Error(await Silos.Deployment(name).RevokeWebhookSecret("x", Anna, Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
    }
}
