using DeployCard.Contracts.Configuration;

namespace DeployCard.Grains.Tests.Configuration;

/// <summary>The definition of the configuration is complete and consistent.</summary>
public sealed class ConfigurationFieldTests
{
    [Fact]
    public void Each_property_of_the_configuration_is_a_field_that_users_can_set()
    {
        var fields = ConfigurationField.All.Select(field => field.Property.Name).ToList();

        fields.ShouldBe(typeof(DeploymentConfiguration).GetProperties().Select(property => property.Name));
        typeof(ConfigurationInput).GetProperties().Select(property => property.Name).ShouldBe(fields, ignoreOrder: true);
    }

    [Fact]
    public void Ids_of_input_and_configuration_are_equal()
    {
        foreach (var field in ConfigurationField.All)
            IdOf(typeof(ConfigurationInput), field.Property.Name).ShouldBe(IdOf(typeof(DeploymentConfiguration), field.Property.Name));
    }

    [Fact]
    public void Each_value_that_a_user_gives_is_stored_in_its_field()
    {
        var input = new ConfigurationInput();
        foreach (var field in ConfigurationField.All)
            field.SetGiven(input, Sample(field));

        var stored = input.ApplyTo(new());

        ConfigurationField.Validate(input).ShouldBeEmpty();
        foreach (var field in ConfigurationField.All)
            field.Property.GetValue(stored).ShouldNotBe(field.Property.GetValue(new DeploymentConfiguration()), field.Name);
        stored.ShouldBe(input.ApplyTo(stored));
        stored.ShouldNotBe(new());
    }

    [Fact]
    public void Value_below_the_minimum_or_above_the_maximum_is_rejected()
    {
        var ranges = ConfigurationField
            .All.Where(field => field.Rule is NumberRangeAttribute { Kind: FieldKind.Number or FieldKind.Bytes })
            .ToList();

        ranges.Count.ShouldBeGreaterThan(4);
        foreach (var field in ranges)
        {
            var max = double.Parse(field.Rule.Maximum!, System.Globalization.CultureInfo.InvariantCulture);
            field.Rule.Check(max).ShouldBeEmpty(field.Name);
            field.Rule.Check(max * 2).ShouldNotBeEmpty(field.Name);
            field.Rule.Check(-1.0).ShouldNotBeEmpty(field.Name);
        }
    }

    [Theory]
    [InlineData(nameof(DeploymentConfiguration.Cpu), "0 (unlimited) or 0.01 to 1,024 cores", "unlimited")]
    [InlineData(nameof(DeploymentConfiguration.MemoryBytes), "0 (unlimited) or 1 MiB to 64 TiB", "unlimited")]
    [InlineData(nameof(DeploymentConfiguration.AsyncQueueBytes), "0 to 16 TiB", "10 GiB")]
    [InlineData(nameof(DeploymentConfiguration.RequestTimeout), "0 (unlimited) or 1 s to 24 h", "unlimited")]
    [InlineData(nameof(DeploymentConfiguration.DrainTimeout), "0 s to 7 days", "1 h")]
    [InlineData(nameof(DeploymentConfiguration.IdleTimeout), "1 s to 24 h", "5 min")]
    [InlineData(nameof(DeploymentConfiguration.QueueLength), "0 to 100,000", "1,000")]
    [InlineData(nameof(DeploymentConfiguration.Pods), "min-max, two numbers from 0 to 100 in ascending order, for example 0-3", "0-1")]
    [InlineData(nameof(DeploymentConfiguration.Labels), "at most 50 labels", "none")]
    public void Range_and_default_are_readable(string name, string allowed, string initial)
    {
        var field = ConfigurationField.Find(name).ShouldNotBeNull();

        field.Rule.Allowed.ShouldBe(allowed);
        field.Default.ShouldBe(initial);
    }

    private static uint IdOf(Type type, string property) =>
        ((IdAttribute)Attribute.GetCustomAttribute(type.GetProperty(property)!, typeof(IdAttribute))!).Id;

    private static object Sample(ConfigurationField field) =>
        (field.Rule, Nullable.GetUnderlyingType(typeof(ConfigurationInput).GetProperty(field.Property.Name)!.PropertyType)) switch
        {
            (PodsRangeRuleAttribute, _) => "2-3",
            (EnvironmentRuleAttribute, _) => new List<EnvironmentVariable> { new("A", "b") },
            (LabelsRuleAttribute, _) => new List<Label> { new("a", "b") },
            (OriginsRuleAttribute, _) => new List<string> { "*" },
            (DurationRangeAttribute, _) => TimeSpan.FromSeconds(7),
            (_, { } type) when type == typeof(int) => 7,
            (_, { } type) when type == typeof(long) => 7L << 20,
            _ => 7.0,
        };
}
