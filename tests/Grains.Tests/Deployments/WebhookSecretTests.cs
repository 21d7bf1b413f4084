using System.Text;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class WebhookSecretTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_secret_is_shown_once_and_every_gateway_knows_that_there_is_one()
    {
        var name = NewName();
        await Create(name);
        (await Silos.Deployment(name).GetRoute()).HasWebhookSecret.ShouldBeFalse();

        var made = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        var route = await Silos.Deployment(name).GetRoute();
        route.HasWebhookSecret.ShouldBeTrue();
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.HasWebhookSecret);
        made.Text.ShouldBe(Silos.WebhookSecrets.Text(route.Uid, made.Secret.Id));
        made.Secret.CreatedBy.ShouldBe(Anna);
        (await View(name)).WebhookSecrets.ShouldBe([made.Secret]);
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.WebhookSecretCreated && e.Actor == Anna);
    }

    [Fact]
    public async Task No_text_of_a_secret_is_stored()
    {
        var name = NewName();
        await Create(name);

        var made = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        var stored = Encoding.Latin1.GetString(await Silos.StoredBytes());
        stored.ShouldContain(made.Secret.Id);
        stored.ShouldNotContain(made.Text["whsec_".Length..][..30]);
    }

    [Fact]
    public async Task Two_are_valid_at_once_and_a_third_is_refused_until_one_is_revoked()
    {
        var name = NewName();
        await Create(name);
        var first = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        var second = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        first.Text.ShouldNotBe(second.Text);
        (await Silos.Deployment(name).WebhookSecrets()).ShouldBe([first.Secret, second.Secret]);

        Error(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token)).Code.ShouldBe(ErrorCodes.LimitReached);

        Value(await Silos.Deployment(name).RevokeWebhookSecret(first.Secret.Id, "bob", Token)).WebhookSecrets.ShouldBe([second.Secret]);
        Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.WebhookSecretRevoked && e.Actor == "bob");
    }

    [Fact]
    public async Task A_revoked_one_is_gone_at_once_and_is_not_revoked_again()
    {
        var name = NewName();
        await Create(name);
        var made = Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        Value(await Silos.Deployment(name).RevokeWebhookSecret(made.Secret.Id, Anna, Token));

        Silos.Gateways.ShouldAllBe(gateway => !gateway.Route(name)!.HasWebhookSecret);
        Error(await Silos.Deployment(name).RevokeWebhookSecret(made.Secret.Id, Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
    }

    [Fact]
    public async Task A_deployment_that_is_not_there_or_deleted_gets_none()
    {
        Error(await Silos.Deployment(NewName()).CreateWebhookSecret(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        var name = NewName();
        await Create(name);
        Value(await Silos.Deployment(name).Delete(Anna, Token));

        Error(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
        Error(await Silos.Deployment(name).RevokeWebhookSecret("x", Anna, Token)).Code.ShouldBe(ErrorCodes.DeploymentDeleted);
    }
}
