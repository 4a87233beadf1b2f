/**
 * The configuration. {@link lastcall.config.ConfigLoader} puts the sources together, {@code
 * ConfigRules} checks each value and what values demand of each other, and the result is {@link
 * lastcall.config.AppConfig}: records that only carry values. Every key stands in application.yaml,
 * with its default and its reason; {@code --help} prints them from there.
 *
 * <p>To add a key: a line in application.yaml, a component of a record, a line in {@code
 * ConfigRules}.
 */
package lastcall.config;
