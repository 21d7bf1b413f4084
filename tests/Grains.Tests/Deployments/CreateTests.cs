using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class CreateTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task New_deployment_takes_the_defaults_of_its_image_for_unset_values()
    {
        var defaults = new ConfigurationInput
        {
            Pods = "2-3",
            Concurrency = 4,
            StartupTimeout = TimeSpan.FromSeconds(99),
        };
        Silos.Images.Add(ScriptedImageCatalog.Create("suggesting", defaults));
        var name = NewName();

        var view = Value(await Silos.Deployment(name).Create(new(null, "suggesting", new() { Concurrency = 7 }), Anna, Token));

        view.Title.ShouldBe(name);
        view.CreatedBy.ShouldBe(Anna);
        view.CreatedAt.ShouldBe(Silos.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        var revision = view.Revisions.ShouldHaveSingleItem();
        revision.Number.ShouldBe(1);
        revision.Image.ShouldBe("suggesting");
        revision.Configuration.Pods.ShouldBe(new(2, 3));
        revision.Configuration.Concurrency.ShouldBe(7);
        revision.Configuration.StartupTimeout.ShouldBe(TimeSpan.FromSeconds(99));
        revision.Configuration.IdleTimeout.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task New_deployment_has_the_readme_of_its_image()
    {
        Silos.Images.Add(ScriptedImageCatalog.Create("documented", readme: "# Iris"));
        var name = NewName();
        Value(await Silos.Deployment(name).Create(Draft(image: "documented"), Anna, Token));

        var readme = await Silos.Grains.GetGrain<IReadmeGrain>(name).Get();

        readme.Markdown.ShouldBe("# Iris");
        readme.Version.ShouldBe(1);
        readme.UpdatedBy.ShouldBe(Anna);
    }

    [Fact]
    public async Task Taken_name_is_rejected()
    {
        var name = NewName();
        await Create(name);

        var error = Error(await Silos.Deployment(name).Create(Draft(), Anna, Token));

        error.Field.ShouldBe("name");
        error.Code.ShouldBe(ErrorCodes.NameTaken);
        error.Message.ShouldContain(name);
    }

    [Fact]
    public async Task One_of_several_concurrent_creations_of_a_name_succeeds()
    {
        var name = NewName();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Silos.Deployment(name).Create(Draft(), $"user {i}", Token)));

        outcomes.Count(outcome => outcome.Succeeded).ShouldBe(1);
        (await Silos.CountRows("DeploymentIndex WHERE name = @name", ("@name", name))).ShouldBe(1);
    }

    [Fact]
    public async Task Draft_with_several_errors_returns_all_of_them()
    {
        var name = NewName();
        var draft = new DeploymentDraft(
            new('x', 201),
            "",
            new()
            {
                Pods = "5-1",
                Gpu = 65,
                Environment = [new("PORT", "1")],
            }
        );

        var outcome = await Silos.Deployment(name).Create(draft, Anna, Token);

        outcome
            .Errors.Select(error => error.Field)
            .ShouldBe(["title", "image", "configuration.pods", "configuration.gpu", "configuration.environment"], ignoreOrder: true);
        outcome.Errors.ShouldAllBe(error => error.Code == ErrorCodes.InvalidInput);
        outcome
            .Errors.Single(error => error.Field == "configuration.pods")
            .Message.ShouldBe($"configuration.pods must be {PodsRange.Allowed}; got '5-1'.");
        (await Silos.Deployment(name).Get()).ShouldBeNull();
        (await Silos.CountRows("DeploymentIndex WHERE name = @name", ("@name", name))).ShouldBe(0);
    }

    [Fact]
    public async Task Unknown_image_is_rejected_with_a_list_of_the_available_images()
    {
        var error = Error(await Silos.Deployment(NewName()).Create(Draft(image: "nowhere"), Anna, Token));

        error.Field.ShouldBe("image");
        error.Code.ShouldBe(ErrorCodes.InvalidInput);
        error.Message.ShouldContain("'nowhere'");
        error.Message.ShouldContain(ScriptedImageCatalog.Plain);
    }

    [Fact]
    public async Task Unavailable_image_is_rejected_with_the_reason()
    {
        Silos.Images.Add(ScriptedImageCatalog.Create("foreign", unavailable: "python3 is not on the PATH: install it."));

        var error = Error(await Silos.Deployment(NewName()).Create(Draft(image: "foreign"), Anna, Token));

        error.Field.ShouldBe("image");
        error.Message.ShouldContain("python3 is not on the PATH: install it.");
    }

    [Fact]
    public async Task Creation_records_an_event_with_the_actor()
    {
        var name = NewName();
        await Create(name);

        var created = (await Silos.Deployment(name).GetEvents()).ShouldHaveSingleItem();

        created.Kind.ShouldBe(EventKind.Created);
        created.Actor.ShouldBe(Anna);
        created.At.ShouldBe(Silos.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
    }
}
